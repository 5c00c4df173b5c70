#include "cli/act.h"

#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/version.h"
#include "core/evidence.h"

enum { DIGEST_BYTES = 32, DIGEST_HEX = 2 * DIGEST_BYTES + 1 };

static struct evidence_act describe(const struct act *act, const char *path)
{
    return (struct evidence_act){ .path = path, .at = clock_now(act->clock), .act = act->name, .about = act->about,
                                  .who = act->who, .program = FALLZAHL_VERSION };
}

int act_begin(struct act *act, struct err *err)
{
    unsigned char digest[DIGEST_BYTES];
    char hex[DIGEST_HEX], *path = workspace_path(act->workspace, "state/evidence.log");
    if (!act->who[0])
        caller_name(getuid(), act->who);
    config_digest(act->workspace->config, digest);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    struct evidence_act evidence = describe(act, path);
    evidence.config = hex;
    int code = evidence_intent(&evidence, &act->intent, err);
    free(path);
    return code;
}

int act_end(struct act *act, int code, const char *counts, struct err *err)
{
    if (!act->intent)
        return code;
    char *path = workspace_path(act->workspace, "state/evidence.log");
    struct evidence_act evidence = describe(act, path);
    int failed = evidence_outcome(&evidence, act->intent, err_exit_status(code), counts, code ? NULL : err);
    free(path);
    act->intent = 0;
    return code ? code : failed;
}
