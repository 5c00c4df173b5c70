#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "surveys/form.h"

#define URLENCODED "application/x-www-form-urlencoded"

struct expected {
    const char *body;
    const char *fields; /* "id=value;…|name=value;…", NULL: refused */
};

static void print_form(const struct form *form, struct strbuf *out)
{
    for (size_t i = 0; i < form->answer_count; i++)
        strbuf_addf(out, "%.*s=%.*s;", (int)form->answers[i].question.length, form->answers[i].question.text,
                    (int)form->answers[i].value.length, form->answers[i].value.text);
    strbuf_adds(out, "|");
    for (size_t i = 0; i < form->control_count; i++)
        strbuf_addf(out, "%s=%s;", form->controls[i].name, form->controls[i].value);
}

static void test_table(void **state)
{
    (void)state;
    static const struct expected table[] = {
        { "", "|" },
        { "q.a=1&do=send", "a=1;|do=send;" },
        { "q.a=x+y%20%C3%A4%26", "a=x y \xc3\xa4&;|" },
        { "&&q.a=1&&", "a=1;|" },
        { "q.a", "a=;|" },
        { "=x", "|=x;" },
        { "q.a=1=2", "a=1=2;|" },
        { "q%2Ea=1", "a=1;|" },
        { "q.a=1&q.a=2", "a=1;a=2;|" },
        { "q.a=%", NULL },
        { "q.a=%4", NULL },
        { "q.a=%4g", NULL },
        { "q.a=%00", NULL },
        { "q.a=%ff", NULL },
        { "q.a=\xff", NULL },
        { "q.a=%ED%A0%80", NULL }, /* a surrogate is not UTF-8 */
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct form form;
        struct strbuf seen = { 0 };
        form_init(&form);
        int code = form_read(&form, URLENCODED, (struct slice){ table[i].body, strlen(table[i].body) }, NULL);
        assert_int_equal(code, table[i].fields ? 0 : ERR_DATA);
        print_form(&form, &seen);
        if (table[i].fields)
            assert_string_equal(strbuf_text(&seen), table[i].fields);
        strbuf_release(&seen);
        form_release(&form);
    }
}

/* RFC 7578, and the example of RFC 8058, 8.2. */
static void test_parts(void **state)
{
    (void)state;
    static const char click[] = "--FormBoundaryjWmhtjORrn\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n"
                                "--FormBoundaryjWmhtjORrn--\r\n";
#define PART(name, value) "--x\r\nContent-Disposition: form-data; name=" name "\r\n\r\n" value "\r\n"
    static const struct {
        const char *type, *body, *fields;
    } table[] = {
        { "multipart/form-data; boundary=FormBoundaryjWmhtjORrn", click, "|List-Unsubscribe=One-Click;" },
        { "Multipart/Form-Data;boundary=\"FormBoundaryjWmhtjORrn\"; charset=utf-8", click, "|List-Unsubscribe=One-Click;" },
        { "multipart/form-data; boundary=x", "before\r\n" PART("\"q.a\"", "1%20+&b") PART("do", "send") "--x--\r\nafter", "a=1%20+&b;|do=send;" },
        { "multipart/form-data; boundary=x", PART("\"q.a\"", "two\r\n\r\nlines") PART("q.b; filename=\"q.c\"", "") "--x--", "a=two\r\n\r\nlines;b=;|" },
        { "multipart/form-data; boundary=x", "--x\r\nX-Name: filename=\"q.a\"\r\n\r\n1\r\n--x--", "|" },
        { "multipart/form-data; boundary=x", PART("q.a", "\xff") "--x--", NULL },
        { "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=q.a\r\n1\r\n--x--", NULL },
        { "multipart/form-data; boundary=x", "--x\r\n\r\n--x--", NULL },
        { "multipart/form-data; boundary=x", "do=send", NULL },
        { "multipart/form-data", "--\r\n", NULL },
        { "multipart/form-data; boundary=01234567890123456789012345678901234567890123456789012345678901234567890", "do=send", NULL },
        { "text/plain", "do=send", NULL },
        { "application/x-www-form-urlencodedx", "do=send", NULL },
        { "application/x-www-form-urlencoded; charset=utf-8", "do=send", "|do=send;" },
        { NULL, "do=send", NULL },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct form form;
        struct strbuf seen = { 0 };
        form_init(&form);
        int code = form_read(&form, table[i].type, (struct slice){ table[i].body, strlen(table[i].body) }, NULL);
        assert_int_equal(code, table[i].fields ? 0 : ERR_DATA);
        print_form(&form, &seen);
        if (table[i].fields)
            assert_string_equal(strbuf_text(&seen), table[i].fields);
        strbuf_release(&seen);
        form_release(&form);
    }
}

static void test_limits(void **state)
{
    (void)state;
    struct form form;
    struct strbuf body = { 0 };
    for (int i = 0; i < FORM_MAX_FIELDS; i++)
        strbuf_adds(&body, "q.a=1&");
    form_init(&form);
    assert_int_equal(form_read(&form, URLENCODED, (struct slice){ body.text, body.length }, NULL), 0);
    form_release(&form);
    strbuf_adds(&body, "q.a=1");
    form_init(&form);
    assert_int_equal(form_read(&form, URLENCODED, (struct slice){ body.text, body.length }, NULL), ERR_DATA);
    form_release(&form);
    while (body.length <= FORM_MAX_BYTES)
        strbuf_adds(&body, "&");
    form_init(&form);
    assert_int_equal(form_read(&form, URLENCODED, (struct slice){ body.text, body.length }, NULL), ERR_DATA);
    form_release(&form);
    strbuf_release(&body);
}

static void test_last_control_counts(void **state)
{
    (void)state;
    static const char body[] = "do=save&step=2&do=send";
    struct form form;
    form_init(&form);
    assert_int_equal(form_read(&form, URLENCODED, (struct slice){ body, sizeof body - 1 }, NULL), 0);
    assert_string_equal(form_control(&form, "do"), "send");
    assert_string_equal(form_control(&form, "step"), "2");
    assert_string_equal(form_control(&form, "none"), "");
    form_release(&form);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_last_control_counts),
    };
    return cmocka_run_group_tests_name("form", tests, NULL, NULL);
}
