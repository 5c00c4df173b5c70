/* How mail leaves and comes back: `surveys.smtp` and `surveys.bounces` of fallzahl.yaml. */
#ifndef SURVEYS_MAIL_CONFIG_H
#define SURVEYS_MAIL_CONFIG_H

#include <stdbool.h>

#include "core/config.h"
#include "core/err.h"
#include "surveys/smtp.h"

struct mail_config {
    bool has_smtp;
    struct smtp_options smtp; /* without user and password */
    const char *credentials;  /* file with two lines, user and password; NULL: no login */
    const char *bounces;      /* Maildir or mbox; NULL: none */
};

extern const struct config_rule mail_config_rules[];

/* Problems go to config_problem(). Texts live as long as the configuration. */
void mail_config_compile(struct mail_config *mail, struct config *config);

/* Reads user and password from the file, which only its owner may read (0400 or 0600, no link), or from the systemd credential
 * `fallzahl-smtp`, which goes first. Both must be freed by mail_login_release(), which wipes. ERR_PERMISSION, ERR_NOINPUT,
 * ERR_DATA. */
struct mail_login {
    char *user, *password;
};
int mail_login_read(const char *path, struct mail_login *login, struct err *err);
void mail_login_release(struct mail_login *login);

#endif
