/* bounce FILE...: what surveys/bounce.h says of each message: "FILE kind status id". */
#include <stdio.h>

#include "core/atomfile.h"
#include "core/strbuf.h"
#include "surveys/bounce.h"

int main(int count, char **files)
{
    for (int i = 1; i < count; i++) {
        struct strbuf text = { 0 };
        struct bounce_report report;
        if (atomfile_read(files[i], 8 << 20, &text, NULL))
            return 1;
        bounce_parse((struct slice) { strbuf_text(&text), text.length }, &report);
        printf("%s\t%s\t%s\t%s\n", files[i], bounce_kind_name(report.kind), report.status, report.id);
        strbuf_release(&text);
    }
    return 0;
}
