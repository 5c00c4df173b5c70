#include "surveys/brand.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/mem.h"

#define RULE(path_, type_, ...) { .path = path_, .type = CONFIG_TYPE_##type_, __VA_ARGS__ }
#define SOBER_COLOUR "#1f4e79"

enum { LOGO_MAX_BYTES = 512 * 1024 };

const struct config_rule page_config_rules[] = {
    RULE("page", MAP, .doc = "The survey page that `fallzahl serve` shows, and how it looks for each controller."),
    RULE("page.port", INTEGER, .fallback = "8471", .minimum = 1, .maximum = 65535,
         .doc = "Port on the loopback interface; a TLS proxy stands in front of it."),
    RULE("page.requests_per_minute", INTEGER, .fallback = "120", .minimum = 1, .maximum = 1000000,
         .doc = "At most so many requests of one client (the proxy's last X-Forwarded-For entry); more get status 429."),
    RULE("page.brands", MAP, .doc = "Per controller."),
    RULE("page.brands.*", MAP, .doc = "A controller's look."),
    RULE("page.brands.*.name", TEXT, .required = true, .doc = "The name that people know."),
    RULE("page.brands.*.colour", TEXT, .doc = "`\"#rrggbb\"`, dark enough for white text (contrast 4.5 or more)."),
    RULE("page.brands.*.logo", TEXT, .doc = "An SVG or PNG file below the workspace; shown 48 pixels high."),
    RULE("page.brands.*.imprint", TEXT, .doc = "https link to the imprint."),
    { .path = NULL },
};

/* sRGB to linear light (WCAG 2.2, relative luminance). */
static double linear(unsigned channel)
{
    double share = channel / 255.0;
    return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4);
}

double brand_contrast_to_white(const char *colour)
{
    if (strlen(colour) != 7 || colour[0] != '#' || strspn(colour + 1, "0123456789abcdefABCDEF") != 6)
        return 0;
    unsigned long rgb = strtoul(colour + 1, NULL, 16);
    double luminance = 0.2126 * linear((unsigned)(rgb >> 16)) + 0.7152 * linear(rgb >> 8 & 255) + 0.0722 * linear(rgb & 255);
    return 1.05 / (luminance + 0.05);
}

static int read_file(const char *path, struct strbuf *out)
{
    char chunk[4096];
    ssize_t got = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) || !S_ISREG(status.st_mode)) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    while (out->length <= LOGO_MAX_BYTES && (got = read(fd, chunk, sizeof chunk)) > 0)
        strbuf_add(out, chunk, (size_t)got);
    close(fd);
    return got < 0 || out->length > LOGO_MAX_BYTES ? -1 : 0;
}

static const char *type_of(const struct strbuf *logo)
{
    static const char png[] = "\x89PNG\r\n\x1a\n";
    if (logo->length > 8 && memcmp(logo->text, png, 8) == 0)
        return "image/png";
    return logo->length && strstr(logo->text, "<svg") ? "image/svg+xml" : NULL;
}

static void read_logo(struct config *config, const struct config_node *node, const char *folder, struct brand *brand)
{
    struct strbuf path = { 0 };
    if (node->value[0] == '/' || strstr(node->value, "..")) {
        config_problem(config, node, "a logo lies below the workspace");
        return;
    }
    strbuf_addf(&path, "%s/%s", folder, node->value);
    if (read_file(strbuf_text(&path), &brand->logo))
        config_problem(config, node, "cannot read '%s' (a file of at most %d KiB)", node->value, LOGO_MAX_BYTES / 1024);
    else if (!(brand->logo_type = type_of(&brand->logo)))
        config_problem(config, node, "'%s' is neither SVG nor PNG", node->value);
    strbuf_release(&path);
}

static void compile_brand(struct config *config, const struct config_node *node, const char *folder, struct brand *brand)
{
    const struct config_node *colour = config_get(node, "colour"), *logo = config_get(node, "logo"), *imprint = config_get(node, "imprint");
    *brand = (struct brand){ .controller = node->key, .name = config_text(node, "name", node->key),
                             .colour = config_text(node, "colour", SOBER_COLOUR), .imprint = config_text(node, "imprint", NULL) };
    double contrast = brand_contrast_to_white(brand->colour);
    if (contrast == 0)
        config_problem(config, colour, "not a colour; write it as \"#1f4e79\"");
    else if (contrast < 4.5)
        config_problem(config, colour, "white text on this colour has a contrast of %.1f, needed is 4.5: choose a darker one", contrast);
    if (imprint && imprint->kind == CONFIG_SCALAR && strncmp(imprint->value, "https://", 8) != 0)
        config_problem(config, imprint, "not an https address");
    if (logo && logo->kind == CONFIG_SCALAR)
        read_logo(config, logo, folder, brand);
}

static bool is_controller(const struct config *config, const char *name)
{
    CONFIG_EACH(child, config_get(config_root(config), "controllers"))
        if (child->kind == CONFIG_SCALAR && strcmp(child->value, name) == 0)
            return true;
    return false;
}

void brands_compile(struct brands *brands, struct config *config, const char *folder)
{
    const struct config_node *page = config_get(config_root(config), "page"), *list = config_get(page, "brands");
    *brands = (struct brands){ .port = (int)config_integer(page, "port", 8471),
                               .requests_per_minute = (long)config_integer(page, "requests_per_minute", 120) };
    brands->list = mem_zalloc(list ? list->count + 1 : 1, sizeof *brands->list);
    CONFIG_EACH(node, list) {
        if (!node->key || node->kind != CONFIG_MAP)
            continue;
        if (!is_controller(config, node->key))
            config_problem_key(config, node, "'%s' is not one of 'controllers'", node->key);
        compile_brand(config, node, folder, &brands->list[brands->count++]);
    }
}

void brands_release(struct brands *brands)
{
    for (size_t i = 0; i < brands->count; i++)
        strbuf_release(&brands->list[i].logo);
    free(brands->list);
    *brands = (struct brands){ 0 };
}

struct brand brands_find(const struct brands *brands, const char *controller)
{
    for (size_t i = 0; i < brands->count; i++)
        if (strcmp(brands->list[i].controller, controller) == 0)
            return brands->list[i];
    return (struct brand){ .controller = controller, .name = controller, .colour = SOBER_COLOUR };
}
