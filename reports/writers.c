#include "reports/writers.h"

const struct report_writer report_writers[] = {
    { "csv", report_csv },
    { "datapackage", report_datapackage },
    { "manifest", report_manifest },
    { NULL, NULL },
};

const struct config_rule report_config_rules[] = {
    { "reports", CONFIG_TYPE_MAP, .doc = "What a release holds besides its tables." },
    { "reports.german_csv", CONFIG_TYPE_BOOLEAN, .fallback = "false",
      .doc = "A second copy of each table for a German Excel, below `german/`: semicolons, decimal comma, BOM." },
    { .path = NULL },
};

struct report_options report_options_of(const struct config *config)
{
    return (struct report_options){ .german_csv = config_boolean(config_root(config), "reports.german_csv", false) };
}

void report_table_path(const struct released_table *table, struct strbuf *out)
{
    const char *folder = released_folder(table);
    strbuf_addf(out, "%s%s%s.csv", folder, *folder ? "/" : "", released_name(table));
}
