#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "core/workspace.h"
#include "surveys/brand.h"

/* Contrasts as WebAIM's contrast checker gives them, to two digits. */
static void test_contrast(void **state)
{
    (void)state;
    static const struct {
        const char *colour;
        double contrast;
    } table[] = { { "#000000", 21 }, { "#ffffff", 1 }, { "#767676", 4.54 }, { "#777777", 4.48 }, { "#0000ff", 8.59 }, { "#FF0000", 4.00 } };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (fabs(brand_contrast_to_white(table[i].colour) - table[i].contrast) > 0.005)
            fail_msg("%s: %g", table[i].colour, brand_contrast_to_white(table[i].colour));
    assert_true(brand_contrast_to_white("red") == 0 && brand_contrast_to_white("#12345") == 0 && brand_contrast_to_white("#12345g") == 0);
}

static size_t problems(const char *page, const char *wanted)
{
    static const struct config_rule *const rules[] = { workspace_config_rules, page_config_rules, NULL };
    struct strbuf text = { 0 };
    struct config *config;
    struct brands brands;
    strbuf_addf(&text, "version: 1\ntimezone: UTC\ncontrollers: [nordhaus]\npage:\n%s", page);
    assert_int_equal(config_parse(&config, "f", text.text, text.length, NULL), 0);
    config_check(config, rules);
    brands_compile(&brands, config, ".");
    size_t count = config_problem_count(config);
    if (wanted && (!count || !strstr(config_problem_text(config, 0), wanted)))
        fail_msg("%s: %s", wanted, count ? config_problem_text(config, 0) : "no problem");
    brands_release(&brands);
    config_free(config);
    strbuf_release(&text);
    return count;
}

static void test_problems(void **state)
{
    (void)state;
    assert_int_equal(problems("  brands:\n    nordhaus: {name: Nordhaus, colour: \"#0b5d4b\"}\n", NULL), 0);
    problems("  brands:\n    nordhaus: {name: Nordhaus, colour: \"#77cc77\"}\n", "f:6:40: white text on this colour has a contrast of 2.0");
    problems("  brands:\n    nordhaus: {name: Nordhaus, colour: green}\n", "not a colour");
    problems("  brands:\n    velora: {name: Velora}\n", "'velora' is not one of 'controllers'");
    problems("  brands:\n    nordhaus: {name: N, logo: ../keys/token.1}\n", "a logo lies below the workspace");
    problems("  brands:\n    nordhaus: {name: N, logo: Makefile}\n", "neither SVG nor PNG");
    problems("  brands:\n    nordhaus: {name: N, logo: none.svg}\n", "cannot read");
    problems("  brands:\n    nordhaus: {name: N, imprint: \"http://n.example\"}\n", "not an https address");
}

static void test_unknown_brand_has_a_sober_look(void **state)
{
    (void)state;
    const struct brands none = { 0 };
    struct brand brand = brands_find(&none, "velora");
    assert_string_equal(brand.name, "velora");
    assert_true(brand_contrast_to_white(brand.colour) >= 4.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contrast),
        cmocka_unit_test(test_problems),
        cmocka_unit_test(test_unknown_brand_has_a_sober_look),
    };
    return cmocka_run_group_tests_name("brand", tests, NULL, NULL);
}
