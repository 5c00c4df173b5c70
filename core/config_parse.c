#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

#include "core/config_tree.h"
#include "core/strbuf.h"

struct reader {
    yaml_parser_t parser;
    struct config *config;
    const char *text;
    size_t length;
    struct config_node *parent;                     /* the collection that is open, NULL outside */
    struct config_node *last[CONFIG_MAX_DEPTH + 1]; /* its last child so far, per depth */
    size_t depth, nodes;
    const char *key; /* of a map, read but not yet with a value */
    int key_line, key_column;
    bool done; /* the one document has begun */
    struct err *err;
};

static int fail(const struct reader *reader, yaml_mark_t mark, const char *problem)
{
    return err_set(reader->err, ERR_CONFIG, "%s:%zu:%zu: %s", reader->config->name, mark.line + 1, mark.column + 1,
                   problem);
}

/* Where a byte of the text stands: libyaml gives no mark for what it cannot decode. */
static yaml_mark_t mark_of_offset(const struct reader *reader, size_t offset)
{
    yaml_mark_t mark = { 0 };
    for (size_t i = 0; i < offset && i < reader->length; i++) {
        if (reader->text[i] == '\n') {
            mark.line++;
            mark.column = 0;
        } else if (((unsigned char)reader->text[i] & 0xC0) != 0x80) {
            mark.column++;
        }
    }
    return mark;
}

static int fail_syntax(const struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    if (parser->error == YAML_READER_ERROR)
        return fail(reader, mark_of_offset(reader, parser->problem_offset),
                    "not UTF-8 text, or a control character; expected plain UTF-8");
    size_t at = parser->problem_mark.index;
    if (parser->error == YAML_SCANNER_ERROR && at < reader->length && reader->text[at] == '\t')
        return fail(reader, parser->problem_mark, "a tab cannot indent; expected blanks");
    char problem[256];
    snprintf(problem, sizeof problem, "%s%s%s; expected valid YAML", parser->context ? parser->context : "",
             parser->context ? ": " : "", parser->problem ? parser->problem : "syntax error");
    return fail(reader, parser->problem_mark, problem);
}

static int check_plain_node(const struct reader *reader, yaml_mark_t mark, const yaml_char_t *anchor,
                            const yaml_char_t *tag)
{
    if (anchor)
        return fail(reader, mark, "an anchor ('&') is not allowed; write the value out");
    if (tag)
        return fail(reader, mark, "a tag ('!') is not allowed; remove it");
    return 0;
}

static int attach(struct reader *reader, struct config_node *node, yaml_mark_t mark)
{
    if (++reader->nodes > CONFIG_MAX_NODES)
        return fail(reader, mark, "too many values; expected at most 20000");
    node->line = (int)mark.line + 1;
    node->column = (int)mark.column + 1;
    node->parent = reader->parent;
    node->key = reader->key;
    node->key_line = reader->key_line;
    node->key_column = reader->key_column;
    reader->key = NULL;
    if (!reader->parent) {
        reader->config->root = node;
        return 0;
    }
    struct config_node **last = &reader->last[reader->depth];
    if (*last)
        (*last)->next = node;
    else
        reader->parent->children = node;
    *last = node;
    reader->parent->count++;
    return 0;
}

static bool expects_key(const struct reader *reader)
{
    return reader->parent && reader->parent->kind == CONFIG_MAP && !reader->key;
}

static int take_scalar(struct reader *reader, const yaml_event_t *event)
{
    const char *value = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    int code = check_plain_node(reader, event->start_mark, event->data.scalar.anchor, event->data.scalar.tag);
    if (code)
        return code;
    if (memchr(value, '\0', length))
        return fail(reader, event->start_mark, "a NUL in a text; remove it");
    const char *copy = arena_strndup(&reader->config->arena, value, length);
    if (expects_key(reader)) {
        reader->key = copy;
        reader->key_line = (int)event->start_mark.line + 1;
        reader->key_column = (int)event->start_mark.column + 1;
        return 0;
    }
    struct config_node *node = arena_alloc(&reader->config->arena, sizeof *node);
    node->kind = CONFIG_SCALAR;
    node->value = copy;
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return attach(reader, node, event->start_mark);
}

static int open_collection(struct reader *reader, enum config_kind kind, yaml_mark_t mark)
{
    if (expects_key(reader))
        return fail(reader, mark, "a key that is a list or a map; expected a text");
    if (reader->depth == CONFIG_MAX_DEPTH)
        return fail(reader, mark, "nested too deeply; expected at most 32 levels");
    struct config_node *node = arena_alloc(&reader->config->arena, sizeof *node);
    node->kind = kind;
    int code = attach(reader, node, mark);
    if (code)
        return code;
    reader->parent = node;
    reader->last[++reader->depth] = NULL;
    return 0;
}

static void close_collection(struct reader *reader)
{
    reader->parent = reader->parent->parent;
    reader->depth--;
}

static int open_document(struct reader *reader, const yaml_event_t *event)
{
    if (reader->done)
        return fail(reader, event->start_mark, "a second document; expected one");
    if (event->data.document_start.version_directive ||
        event->data.document_start.tag_directives.start != event->data.document_start.tag_directives.end)
        return fail(reader, event->start_mark, "a directive ('%') is not allowed; remove it");
    reader->done = true;
    return 0;
}

static int take_event(struct reader *reader, const yaml_event_t *event)
{
    int code;
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return open_document(reader, event);
    case YAML_ALIAS_EVENT:
        return fail(reader, event->start_mark, "an alias ('*') is not allowed; write the value out");
    case YAML_SCALAR_EVENT:
        return take_scalar(reader, event);
    case YAML_SEQUENCE_START_EVENT:
        code = check_plain_node(reader, event->start_mark, event->data.sequence_start.anchor,
                                event->data.sequence_start.tag);
        return code ? code : open_collection(reader, CONFIG_LIST, event->start_mark);
    case YAML_MAPPING_START_EVENT:
        code = check_plain_node(reader, event->start_mark, event->data.mapping_start.anchor,
                                event->data.mapping_start.tag);
        return code ? code : open_collection(reader, CONFIG_MAP, event->start_mark);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        close_collection(reader);
        return 0;
    default:
        return 0;
    }
}

static int take_events(struct reader *reader)
{
    for (bool more = true; more;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&reader->parser, &event))
            return fail_syntax(reader);
        more = event.type != YAML_STREAM_END_EVENT;
        int code = take_event(reader, &event);
        yaml_event_delete(&event);
        if (code)
            return code;
    }
    return reader->config->root ? 0 : fail(reader, (yaml_mark_t){ 0 }, "the file is empty; expected keys and values");
}

int config_parse(struct config **config, const char *name, const char *text, size_t length, struct err *err)
{
    static const char bom[] = "\xEF\xBB\xBF";
    if (length > CONFIG_MAX_BYTES)
        return err_set(err, ERR_CONFIG, "%s:1:1: larger than 1 MiB; expected a configuration", name);
    if (length >= 3 && memcmp(text, bom, 3) == 0) {
        text += 3;
        length -= 3;
    }
    struct reader reader = { .config = config_new(name), .text = text, .length = length, .err = err };
    if (!yaml_parser_initialize(&reader.parser))
        mem_fail();
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, length);
    int code = take_events(&reader);
    if (reader.parser.error == YAML_MEMORY_ERROR)
        mem_fail();
    yaml_parser_delete(&reader.parser);
    if (code)
        config_free(reader.config);
    else
        *config = reader.config;
    return code;
}

static int read_all(int fd, const char *path, struct strbuf *text, struct err *err)
{
    char block[16384];
    while (text->length <= CONFIG_MAX_BYTES) {
        ssize_t got = read(fd, block, sizeof block);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set_errno(err, ERR_IO, "cannot read '%s'", path);
        if (got == 0)
            break;
        strbuf_add(text, block, (size_t)got);
    }
    return 0;
}

int config_read(struct config **config, const char *path, struct err *err)
{
    /* O_NONBLOCK: a FIFO in the file's place must not hang the night. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return err_set_errno(err, ERR_NOINPUT, "cannot open '%s'", path);
    struct strbuf text = { 0 };
    struct stat status;
    int code = 0;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        code = err_set(err, ERR_NOINPUT, "'%s' is not a file", path);
    if (!code)
        code = read_all(fd, path, &text, err);
    if (!code)
        code = config_parse(config, path, strbuf_text(&text), text.length, err);
    strbuf_release(&text);
    close(fd);
    return code;
}
