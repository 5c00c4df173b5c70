#include "surveys/mail_config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/strbuf.h"

enum { LOGIN_MAX = 4096 };

const struct config_rule mail_config_rules[] = {
    { "surveys.smtp", CONFIG_TYPE_MAP, .doc = "The server that takes messages of surveys with `transport: smtp`." },
    { "surveys.smtp.host", CONFIG_TYPE_TEXT, .required = true, .doc = "Its name, as its certificate has it." },
    { "surveys.smtp.port", CONFIG_TYPE_INTEGER, .fallback = "587", .minimum = 1, .maximum = 65535, .doc = "Its port for submission." },
    { "surveys.smtp.tls", CONFIG_TYPE_CHOICE, .choices = "starttls|implicit|none", .fallback = "starttls",
      .doc = "`none` only for a server on this machine (loopback)." },
    { "surveys.smtp.credentials", CONFIG_TYPE_TEXT,
      .doc = "File with two lines, user and password, that only the batch user can read; a systemd credential `fallzahl-smtp` goes first." },
    { "surveys.smtp.ca_file", CONFIG_TYPE_TEXT, .doc = "Certificates to trust instead of the system's." },
    { "surveys.smtp.timeout_seconds", CONFIG_TYPE_INTEGER, .fallback = "60", .minimum = 1, .maximum = 600, .doc = "How long to wait for an answer." },
    { "surveys.bounces", CONFIG_TYPE_TEXT,
      .doc = "Mailbox to which messages come back: a Maildir, whose messages are removed once read, or an mbox file. From the workspace's folder." },
    { .path = NULL },
};

static enum smtp_tls tls_of(const char *text)
{
    return strcmp(text, "implicit") == 0 ? SMTP_IMPLICIT_TLS : strcmp(text, "none") == 0 ? SMTP_NO_TLS : SMTP_STARTTLS;
}

void mail_config_compile(struct mail_config *mail, struct config *config)
{
    const struct config_node *root = config_root(config), *smtp = config_get(root, "surveys.smtp");
    *mail = (struct mail_config) { .has_smtp = smtp != NULL, .bounces = config_text(root, "surveys.bounces", NULL) };
    mail->smtp = (struct smtp_options) {
        .host = config_text(smtp, "host", ""),
        .port = (int)config_integer(smtp, "port", 587),
        .tls = tls_of(config_text(smtp, "tls", "starttls")),
        .ca_file = config_text(smtp, "ca_file", NULL),
        .timeout_seconds = (int)config_integer(smtp, "timeout_seconds", 60),
    };
    mail->credentials = config_text(smtp, "credentials", NULL);
    if (smtp && mail->smtp.tls == SMTP_NO_TLS && !smtp_is_loopback(mail->smtp.host))
        config_problem(config, config_get(smtp, "tls"), "only a server on this machine may do without TLS; expected starttls or implicit");
    if (mail->credentials && mail->smtp.tls == SMTP_NO_TLS)
        config_problem(config, config_get(smtp, "credentials"), "a password does not go without TLS; remove it, or set 'tls'");
}

/* One line each; what stands after them does not matter. */
static int split(const char *text, const char *path, struct mail_login *login, struct err *err)
{
    size_t user = strcspn(text, "\r\n"), gap = strspn(text + user, "\r\n"), password = strcspn(text + user + gap, "\r\n");
    if (!user || !password)
        return err_set(err, ERR_DATA, "'%s' does not hold two lines, user and password", path);
    login->user = mem_strndup(text, user);
    login->password = mem_strndup(text + user + gap, password);
    return 0;
}

static int read_login(int fd, const char *path, bool is_credential, struct mail_login *login, struct err *err)
{
    char text[LOGIN_MAX + 1];
    struct stat status;
    if (fstat(fd, &status) || !S_ISREG(status.st_mode))
        return err_set(err, ERR_NOINPUT, "'%s' is not a regular file", path);
    if (!is_credential && (status.st_uid != geteuid() || status.st_mode & 0077))
        return err_set(err, ERR_PERMISSION, "'%s' must be ours and have mode 0400 or 0600", path);
    ssize_t length = read(fd, text, LOGIN_MAX);
    if (length < 0)
        return err_set_errno(err, ERR_IO, "cannot read '%s'", path);
    text[length] = '\0';
    int code = split(text, path, login, err);
    explicit_bzero(text, sizeof text);
    return code;
}

int mail_login_read(const char *path, struct mail_login *login, struct err *err)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    struct strbuf credential = { 0 };
    strbuf_addf(&credential, "%s/fallzahl-smtp", folder ? folder : "");
    bool is_credential = folder && access(strbuf_text(&credential), R_OK) == 0;
    const char *name = is_credential ? strbuf_text(&credential) : path;
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int code = fd < 0 ? err_set_errno(err, ERR_NOINPUT, "cannot open '%s'", name) : read_login(fd, name, is_credential, login, err);
    if (fd >= 0)
        close(fd);
    strbuf_release(&credential);
    return code;
}

void mail_login_release(struct mail_login *login)
{
    if (login->password)
        explicit_bzero(login->password, strlen(login->password));
    free(login->user);
    free(login->password);
    *login = (struct mail_login) { 0 };
}
