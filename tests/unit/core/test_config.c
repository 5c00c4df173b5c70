/* core/config: what is read, what is refused and where, what the schema finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/config.h"
#include "core/mem.h"
#include "core/strbuf.h"

static const struct config_rule shop_rules[] = {
    { "version", CONFIG_TYPE_INTEGER, .required = true, .minimum = 1, .maximum = 1, .doc = "Version of the format." },
    { "title", CONFIG_TYPE_TEXT, .doc = "A title." },
    { "note", CONFIG_TYPE_ANY_TEXT, .required = false },
    { "open", CONFIG_TYPE_BOOLEAN, .fallback = "true" },
    { "share", CONFIG_TYPE_NUMBER, .minimum = 0, .maximum = 1 },
    { "start", CONFIG_TYPE_DATE, .required = false },
    { "delivery", CONFIG_TYPE_CHOICE, .choices = "delta|snapshot", .fallback = "delta" },
    { "score", CONFIG_TYPE_LIST, .minimum = 2, .maximum = 2 },
    { "score[]", CONFIG_TYPE_INTEGER, .required = false },
    { "colours", CONFIG_TYPE_LIST, .required = false },
    { "colours[]", CONFIG_TYPE_TEXT, .required = false },
    { .path = NULL },
};
static const struct config_rule shelf_rules[] = {
    { "shelves", CONFIG_TYPE_MAP, .doc = "The shelves." },
    { "shelves.*", CONFIG_TYPE_MAP, .doc = "One shelf." },
    { "shelves.*.width", CONFIG_TYPE_NUMBER, .required = true },
    { "shelves.*.rename.**", CONFIG_TYPE_ANY_TEXT, .required = false },
    { "shelves.*.by", CONFIG_TYPE_LIST, .required = false },
    { "shelves.*.by", CONFIG_TYPE_NAME, .required = false },
    { "shelves.*.by[]", CONFIG_TYPE_NAME, .required = false },
    { .path = NULL },
};
static const struct config_rule *const tables[] = { shop_rules, shelf_rules, NULL };

static struct config *parse(const char *text)
{
    struct config *config = NULL;
    struct err err = { 0 };
    if (config_parse(&config, "f.yaml", text, strlen(text), &err))
        fail_msg("%s", err.message);
    return config;
}

static void assert_refused(const char *text, size_t length, const char *message)
{
    struct config *config = NULL;
    struct err err = { 0 };
    assert_int_equal(config_parse(&config, "f.yaml", text, length, &err), ERR_CONFIG);
    assert_null(config);
    assert_string_equal(err.message, message);
}

static void refuses_what_is_not_plain_yaml(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "", "f.yaml:1:1: the file is empty; expected keys and values" },
        { "# only a comment\n", "f.yaml:1:1: the file is empty; expected keys and values" },
        { "a: &x 1\nb: *x\n", "f.yaml:1:4: an anchor ('&') is not allowed; write the value out" },
        { "b: *x\n", "f.yaml:1:4: an alias ('*') is not allowed; write the value out" },
        { "a: [1]\nb: &l [1]\n", "f.yaml:2:4: an anchor ('&') is not allowed; write the value out" },
        { "a: !!int 1\n", "f.yaml:1:4: a tag ('!') is not allowed; remove it" },
        { "a: !foo {b: 1}\n", "f.yaml:1:4: a tag ('!') is not allowed; remove it" },
        { "a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document; expected one" },
        { "%TAG ! tag:x,2000:\n---\na: 1\n", "f.yaml:1:1: a directive ('%') is not allowed; remove it" },
        { "%YAML 1.1\n---\na: 1\n", "f.yaml:1:1: a directive ('%') is not allowed; remove it" },
        { "? [a, b]\n: 1\n", "f.yaml:1:3: a key that is a list or a map; expected a text" },
        { "a: \"x\\0y\"\n", "f.yaml:1:4: a NUL in a text; remove it" },
        { "a:\n\t- 1\n", "f.yaml:2:1: a tab cannot indent; expected blanks" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(cases[i].text, strlen(cases[i].text), cases[i].message);
}

static void refuses_a_syntax_error_at_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *place;
    } cases[] = {
        { "a: [1, 2\nb: 3\n", "f.yaml:2:" },
        { "a: 1\n b: 2\n", "f.yaml:2:3: " },
        { "a: 'x\n", "f.yaml:2:1: " },
        { "a: 1\nb\n", "f.yaml:3:1: " },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct config *config = NULL;
        struct err err = { 0 };
        assert_int_equal(config_parse(&config, "f.yaml", cases[i].text, strlen(cases[i].text), &err), ERR_CONFIG);
        if (strncmp(err.message, cases[i].place, strlen(cases[i].place)) != 0)
            fail_msg("%s is not at %s", err.message, cases[i].place);
    }
}

static void refuses_bytes_that_are_not_text(void **state)
{
    (void)state;
    static const char problem[] = "not UTF-8 text, or a control character; expected plain UTF-8";
    static const struct {
        const char *text;
        size_t length;
        const char *place;
    } cases[] = {
        { "a: x\0y\n", 7, "f.yaml:1:5: " },        { "a: 1\nb: \xC3\xA4\xFF\n", 11, "f.yaml:2:5: " },
        { "a: \xC0\x80\n", 6, "f.yaml:1:4: " },    { "a: \xED\xA0\x80\n", 7, "f.yaml:1:4: " },
        { "\xFF\xFE\x61\x00", 4, "f.yaml:1:1: " }, { "a: \x07\n", 5, "f.yaml:1:4: " },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char message[256];
        snprintf(message, sizeof message, "%s%s", cases[i].place, problem);
        assert_refused(cases[i].text, cases[i].length, message);
    }
}

/* The text, repeated until it is at least as long as asked for. */
static struct strbuf repeated(const char *text, size_t bytes)
{
    struct strbuf out = { 0 };
    while (out.length < bytes)
        strbuf_adds(&out, text);
    return out;
}

static void refuses_bombs(void **state)
{
    (void)state;
    struct strbuf large = repeated("a: 0123456789\n", (size_t)CONFIG_MAX_BYTES + 1);
    assert_refused(large.text, large.length, "f.yaml:1:1: larger than 1 MiB; expected a configuration");
    strbuf_release(&large);
    struct strbuf flow = repeated("[", 1000000);
    assert_refused(flow.text, flow.length, "f.yaml:1:33: nested too deeply; expected at most 32 levels");
    strbuf_release(&flow);
    struct strbuf block = repeated("- ", 1000000);
    assert_refused(block.text, block.length, "f.yaml:1:65: nested too deeply; expected at most 32 levels");
    strbuf_release(&block);
    struct strbuf keys = repeated("? ", 1000000);
    assert_refused(keys.text, keys.length, "f.yaml:1:3: a key that is a list or a map; expected a text");
    strbuf_release(&keys);
    struct strbuf wide = repeated("- 1\n", 200000);
    assert_refused(wide.text, wide.length, "f.yaml:20000:3: too many values; expected at most 20000");
    strbuf_release(&wide);
    static const char laughs[] = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n";
    assert_refused(laughs, strlen(laughs), "f.yaml:1:4: an anchor ('&') is not allowed; write the value out");
}

static void accepts_the_limits_themselves(void **state)
{
    (void)state;
    struct strbuf text = { 0 };
    for (int i = 0; i < CONFIG_MAX_DEPTH; i++)
        strbuf_addc(&text, '[');
    for (int i = 0; i < CONFIG_MAX_DEPTH; i++)
        strbuf_addc(&text, ']');
    config_free(parse(text.text));
    strbuf_clear(&text);
    for (int i = 1; i < CONFIG_MAX_NODES; i++)
        strbuf_adds(&text, "- 1\n");
    config_free(parse(text.text));
    strbuf_release(&text);
}

static void thousands_of_duplicates_end_at_once(void **state)
{
    (void)state;
    struct strbuf text = { 0 };
    for (int i = 0; i < 19000; i++)
        strbuf_adds(&text, "same: 1\n");
    struct config *config = parse(text.text);
    config_check(config, tables);
    assert_int_equal(config_problem_count(config), 19000 + 18999 + 1);
    config_free(config);
    strbuf_release(&text);
}

static void marks_are_those_of_the_file(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "# ä comment\nversion: 1\nshelves:\n  ü1: {width: 'ä'}\n",
        "\xEF\xBB\xBF# ä comment\nversion: 1\nshelves:\n  ü1: {width: 'ä'}\n",
        "# ä comment\r\nversion: 1\r\nshelves:\r\n  ü1: {width: 'ä'}\r\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct config *config = parse(texts[i]);
        const struct config_node *width = config_get(config_root(config), "shelves.ü1.width");
        assert_non_null(width);
        assert_int_equal(width->key_line, 4);
        assert_int_equal(width->key_column, 8);
        assert_int_equal(width->line, 4);
        assert_int_equal(width->column, 15);
        assert_true(width->quoted);
        assert_string_equal(width->value, "ä");
        assert_string_equal(width->parent->key, "ü1");
        config_free(config);
    }
    struct config *config = parse("\xEF\xBB\xBF"
                                  "bad: 1\n");
    assert_int_equal(config_get(config_root(config), "bad")->key_column, 1);
    config_free(config);
}

static void look_ups_take_only_what_is_written_so(void **state)
{
    (void)state;
    struct config *config =
        parse("octal: 012\nquoted: '12'\nplain: 12\nnegative: -3\nhex: 0x1F\nunder: 1_000\nplus: +5\n"
              "half: 0.5\npower: 1e3\nbare: .5\nnan: .nan\nhuge: 1e999\nbig: 9223372036854775807\n"
              "over: 9223372036854775808\nyes: yes\ntrue: true\nquoted_true: 'true'\nTrue: True\n"
              "empty:\ntilde: ~\nnorway: NO\nmap: {x: {y: z}}\nlist: [a, b]\n");
    const struct config_node *root = config_root(config);
    assert_int_equal(config_integer(root, "octal", -1), -1);
    assert_int_equal(config_integer(root, "quoted", -1), -1);
    assert_int_equal(config_integer(root, "plain", -1), 12);
    assert_int_equal(config_integer(root, "negative", -1), -3);
    assert_int_equal(config_integer(root, "hex", -1), -1);
    assert_int_equal(config_integer(root, "under", -1), -1);
    assert_int_equal(config_integer(root, "plus", -1), -1);
    assert_int_equal(config_integer(root, "half", -1), -1);
    assert_true(config_integer(root, "big", -1) == INT64_MAX);
    assert_int_equal(config_integer(root, "over", -1), -1);
    assert_true(config_number(root, "half", -1) == 0.5);
    assert_true(config_number(root, "power", -1) == 1000);
    assert_true(config_number(root, "octal", -1) == -1);
    assert_true(config_number(root, "bare", -1) == -1);
    assert_true(config_number(root, "nan", -1) == -1);
    assert_true(config_number(root, "huge", -1) == -1);
    assert_false(config_boolean(root, "yes", false));
    assert_true(config_boolean(root, "yes", true));
    assert_true(config_boolean(root, "true", false));
    assert_false(config_boolean(root, "quoted_true", false));
    assert_false(config_boolean(root, "True", false));
    assert_string_equal(config_text(root, "norway", NULL), "NO");
    assert_string_equal(config_text(root, "octal", NULL), "012");
    assert_string_equal(config_text(root, "empty", "x"), "");
    assert_string_equal(config_text(root, "map.x.y", NULL), "z");
    assert_null(config_text(root, "map.x", NULL));
    assert_null(config_get(root, "map.x.y.z"));
    assert_null(config_get(root, "list.a"));
    assert_null(config_get(NULL, "a"));
    assert_int_equal(config_integer(NULL, "a", 7), 7);
    assert_int_equal(config_get(root, "list")->count, 2);
    config_free(config);
}

static void check_problems(const char *text, const char *const *expected, size_t count)
{
    struct config *config = parse(text);
    config_check(config, tables);
    for (size_t i = 0; i < count && i < config_problem_count(config); i++)
        assert_string_equal(config_problem_text(config, i), expected[i]);
    assert_int_equal(config_problem_count(config), count);
    struct err err = { 0 };
    assert_int_equal(config_result(config, &err), count ? ERR_CONFIG : 0);
    config_free(config);
}

static void accepts_what_the_schema_allows(void **state)
{
    (void)state;
    check_problems("version: 1\ntitle: 'x'\nnote:\nopen: false\nshare: 1\nstart: 2024-02-29\ndelivery: snapshot\n"
                   "score: [1, -5]\ncolours: [yes, '']\n"
                   "shelves:\n  a: {width: 1.5, rename: {e-mail: email, '': x}, by: a}\n  b2: {width: 0, by: [a, b]}\n",
                   (const char *const[]){ "f.yaml:9:16: 'colours' is nothing; expected a text" }, 1);
    check_problems("version: 1\n", NULL, 0);
}

static void finds_every_problem_in_file_order(void **state)
{
    (void)state;
    static const char text[] = "verison: 1\n"                     /* 1 */
                               "title: ''\n"                      /* 2 */
                               "open: yes\n"                      /* 3 */
                               "share: 1.01\n"                    /* 4 */
                               "start: 2023-02-29\n"              /* 5 */
                               "delivery: detla\n"                /* 6 */
                               "score: [1, 2, 3]\n"               /* 7 */
                               "colours: red\n"                   /* 8 */
                               "title: again\n"                   /* 9 */
                               "shelves:\n"                       /* 10 */
                               "  Big Shelf: {width: '2'}\n"      /* 11 */
                               "  b: {by: {x: 1}, wide: 3}\n"     /* 12 */
                               "  c:\n"                           /* 13 */
                               "  d: {width: 012, rename: []}\n"; /* 14 */
    static const char *const expected[] = {
        "f.yaml:1:1: unknown key 'verison'; did you mean 'version'?",
        "f.yaml:1:1: missing key 'version' in the file; add it",
        "f.yaml:2:8: 'title' is nothing; expected a text",
        "f.yaml:3:7: 'open' is 'yes'; expected true or false",
        "f.yaml:4:8: 'share' is '1.01'; expected a number from 0 to 1",
        "f.yaml:5:8: 'start' is '2023-02-29'; expected a date such as 2026-01-31",
        "f.yaml:6:11: 'delivery' is 'detla'; expected one of delta, snapshot",
        "f.yaml:7:8: 'score' is a list of 3; expected a list of 2",
        "f.yaml:8:10: 'colours' is 'red'; expected a list",
        "f.yaml:9:1: duplicate key 'title'; it stands in line 2 already",
        "f.yaml:11:3: 'Big Shelf' is not a name; expected a-z, then a-z, 0-9 or _, at most 40 characters",
        "f.yaml:11:22: 'width' is '2'; expected a number without quotes",
        "f.yaml:12:3: missing key 'width' in 'b'; add it",
        "f.yaml:12:11: 'by' is keys with values; expected a list, or a name (a-z, then a-z, 0-9 or _; at most 40 characters)",
        "f.yaml:12:19: unknown key 'wide'; expected one of width, rename, by",
        "f.yaml:13:5: 'c' is nothing; expected keys with values",
        "f.yaml:14:14: 'width' is '012'; expected a number",
        "f.yaml:14:27: 'rename' is a list of 0; expected keys with values",
    };
    check_problems(text, expected, sizeof expected / sizeof *expected);
}

static void the_top_must_be_a_map(void **state)
{
    (void)state;
    check_problems("[a]\n", (const char *const[]){ "f.yaml:1:1: the file is a list of 1; expected keys with values" },
                   1);
    check_problems("a\n", (const char *const[]){ "f.yaml:1:1: the file is 'a'; expected keys with values" }, 1);
}

static void wildcards_of_the_schema_are_no_keys(void **state)
{
    (void)state;
    check_problems(
        "version: 1\nshelves: {'*': {width: 1}}\n'[]': 2\n",
        (const char *const[]){
            "f.yaml:2:11: '*' is not a name; expected a-z, then a-z, 0-9 or _, at most 40 characters",
            "f.yaml:3:1: unknown key '[]'; expected one of version, title, note, open, share, start, delivery, score, "
            "colours, shelves",
        },
        2);
}

static void messages_hold_no_control_characters(void **state)
{
    (void)state;
    struct config *config = parse("version: 1\n\"x\\e[31m\\ny\": 1\n");
    config_check(config, tables);
    assert_int_equal(config_problem_count(config), 1);
    assert_null(strpbrk(config_problem_text(config, 0), "\x1b\n"));
    config_free(config);
    struct strbuf text = { 0 };
    strbuf_adds(&text, "? ");
    for (int i = 0; i < 2500; i++)
        strbuf_adds(&text, "ä");
    strbuf_adds(&text, "\n: 1\n");
    config = parse(text.text);
    config_problem_key(config, config_root(config)->children, "%s", text.text);
    size_t length = strlen(config_problem_text(config, 0));
    assert_in_range(length, 500, 600);
    assert_string_equal(config_problem_text(config, 0) + length - 2, "ä"); /* cut between characters */
    config_free(config);
    strbuf_release(&text);
}

static void problems_of_modules_stand_among_the_others(void **state)
{
    (void)state;
    struct config *config = parse("version: 2\ntitle: x\ntitel: 1\n");
    config_check(config, tables);
    config_problem(config, config_get(config_root(config), "title"), "'%s' is taken", "x");
    config_problem_key(config, config_get(config_root(config), "title"), "no title wanted");
    config_problem(config, NULL, "nothing fits");
    static const char *const expected[] = {
        "f.yaml:1:1: nothing fits",
        "f.yaml:1:10: 'version' is '2'; expected a whole number, 1",
        "f.yaml:2:1: no title wanted",
        "f.yaml:2:8: 'x' is taken",
        "f.yaml:3:1: unknown key 'titel'; did you mean 'title'?",
    };
    assert_int_equal(config_problem_count(config), 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(config_problem_text(config, i), expected[i]);
    struct err err = { 0 };
    assert_int_equal(config_result(config, &err), ERR_CONFIG);
    assert_string_equal(err.message, "f.yaml: 5 problems");
    config_free(config);
}

static void hex_digest(const char *text, char hex[65])
{
    unsigned char digest[32];
    struct config *config = parse(text);
    config_digest(config, digest);
    config_free(config);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

/* Expected value: Python's hashlib.blake2b(digest_size=32) over the canonical form: kind (0 scalar, 1 list, 2 map), the
 * scalar's length and text, count, children with the length and text of their keys; numbers in 8 bytes little-endian. */
static void digest_is_that_of_the_tree(void **state)
{
    (void)state;
    char first[65], other[65];
    hex_digest("a: 1\nb: [x, y]\n", first);
    assert_string_equal(first, "26cc3c291d9e0a599ab52406f683eb9cbac9a478613fd2c1aa36982954538c5f");
    static const char *const same[] = { "# c\n{a: '1', b:   [x, \"y\"]}\n", "\xEF\xBB\xBF"
                                                                            "a: 1\r\nb:\r\n- x\r\n- y\r\n" };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        hex_digest(same[i], other);
        assert_string_equal(first, other);
    }
    static const char *const different[] = { "b: [x, y]\na: 1\n", "a: 1\nb: [y, x]\n", "a: 1\nb: [xy]\n",
                                             "a: 1\nb: {x: y}\n" };
    for (size_t i = 0; i < sizeof different / sizeof *different; i++) {
        hex_digest(different[i], other);
        assert_string_not_equal(first, other);
    }
}

static void documents_the_tables(void **state)
{
    (void)state;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    config_document(tables, out);
    fclose(out);
    static const char expected[] =
        "\n| key | value | default | meaning |\n|---|---|---|---|\n"
        "| `version` | a whole number, 1 | required | Version of the format. |\n"
        "| `title` | a text |  | A title. |\n"
        "| `note` | a text |  |  |\n"
        "| `open` | true or false | `true` |  |\n"
        "| `share` | a number from 0 to 1 |  |  |\n"
        "| `start` | a date such as 2026-01-31 |  |  |\n"
        "| `delivery` | one of delta, snapshot | `delta` |  |\n"
        "| `score` | a list of 2, each a whole number |  |  |\n"
        "| `colours` | a list, each a text |  |  |\n"
        "| `shelves` | keys with values |  | The shelves. |\n"
        "\n## `shelves.<name>`\n\nOne shelf.\n\n| key | value | default | meaning |\n|---|---|---|---|\n"
        "| `width` | a number | required |  |\n"
        "| `rename` | keys with values |  |  |\n"
        "| `by` | a list, each a name (a-z, then a-z, 0-9 or _; at most 40 characters), or a name (a-z, then a-z, 0-9 or _; at "
        "most 40 characters) |  |  |\n"
        "\n## `shelves.<name>.rename`\n\n| key | value | default | meaning |\n|---|---|---|---|\n"
        "| `<text>` | a text |  |  |\n";
    assert_string_equal(text, expected);
    free(text);
}

static void reads_a_file_and_nothing_else(void **state)
{
    (void)state;
    char folder[] = "/tmp/test_config.XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/c.yaml", folder);
    struct config *config = NULL;
    struct err err = { 0 };
    assert_int_equal(config_read(&config, path, &err), ERR_NOINPUT);
    assert_int_equal(config_read(&config, folder, &err), ERR_NOINPUT);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(config_read(&config, path, &err), ERR_NOINPUT);
    unlink(path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("version: 1\n", file);
    fclose(file);
    assert_int_equal(config_read(&config, path, &err), 0);
    assert_string_equal(config_name(config), path);
    config_free(config);
    config = NULL;
    assert_int_equal(truncate(path, 5000000), 0);
    assert_int_equal(config_read(&config, path, &err), ERR_CONFIG);
    assert_null(config);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_not_plain_yaml),
        cmocka_unit_test(refuses_a_syntax_error_at_its_place),
        cmocka_unit_test(refuses_bytes_that_are_not_text),
        cmocka_unit_test(refuses_bombs),
        cmocka_unit_test(accepts_the_limits_themselves),
        cmocka_unit_test(thousands_of_duplicates_end_at_once),
        cmocka_unit_test(marks_are_those_of_the_file),
        cmocka_unit_test(look_ups_take_only_what_is_written_so),
        cmocka_unit_test(accepts_what_the_schema_allows),
        cmocka_unit_test(finds_every_problem_in_file_order),
        cmocka_unit_test(the_top_must_be_a_map),
        cmocka_unit_test(wildcards_of_the_schema_are_no_keys),
        cmocka_unit_test(messages_hold_no_control_characters),
        cmocka_unit_test(problems_of_modules_stand_among_the_others),
        cmocka_unit_test(digest_is_that_of_the_tree),
        cmocka_unit_test(documents_the_tables),
        cmocka_unit_test(reads_a_file_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
