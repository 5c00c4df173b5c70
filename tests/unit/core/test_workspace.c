/* core/workspace: making, opening, entering, and what is said about modes. Everything happens under one new folder. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/atomfile.h"
#include "core/strbuf.h"
#include "core/workspace.h"

static char folder[64];

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/test_workspace.XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return atomfile_remove_tree(folder, NULL);
}

/* Valid until the next but one call. */
static char *at(const char *path)
{
    static char full[2][256];
    static size_t turn;
    turn = !turn;
    snprintf(full[turn], sizeof full[turn], "%s/%s", folder, path);
    return full[turn];
}

static void put(const char *path, const char *text)
{
    struct err err;
    if (atomfile_write(at(path), 0600, (struct slice){ text, strlen(text) }, &err))
        fail_msg("%s", err.message);
}

static void create(bool test)
{
    struct err err;
    put("fallzahl.yaml", "version: 1\ntimezone: Europe/Berlin\n");
    if (workspace_create(folder, test, &err))
        fail_msg("%s", err.message);
}

static struct workspace *open_workspace(void)
{
    struct workspace *workspace;
    struct err err;
    if (workspace_open(&workspace, folder, &err))
        fail_msg("%s", err.message);
    return workspace;
}

static mode_t mode_of(const char *path)
{
    struct stat status;
    return lstat(at(path), &status) == 0 ? status.st_mode & 07777 : 0;
}

static void makes_all_folders_with_their_modes(void **state)
{
    (void)state;
    mode_t old = umask(0);
    create(false);
    umask(old);
    assert_int_equal(mode_of("keys"), 0700);
    assert_int_equal(mode_of("state"), 0700);
    assert_int_equal(mode_of("state/runs"), 0700);
    assert_int_equal(mode_of("quarantine"), 0700);
    assert_int_equal(mode_of("outbox/sent"), 0700);
    assert_int_equal(mode_of("answers/dpo"), 02750);
    assert_int_equal(mode_of("requests/dpo"), 01770);
    assert_int_equal(mode_of("published"), 0755);
    assert_int_equal(mode_of("keys/objection.1"), 0600);
    assert_int_not_equal(access(at("state/test"), F_OK), 0);
}

static void making_again_changes_nothing(void **state)
{
    (void)state;
    struct strbuf before = { 0 }, after = { 0 };
    struct err err;
    create(true);
    assert_int_equal(atomfile_read(at("keys/analytics.1"), 1000, &before, &err), 0);
    assert_int_equal(rmdir(at("inbox")), 0);
    assert_int_equal(chmod(at("published"), 0700), 0);
    create(true);
    assert_int_equal(atomfile_read(at("keys/analytics.1"), 1000, &after, &err), 0);
    assert_string_equal(before.text, after.text);
    assert_int_equal(mode_of("published"), 0700);
    assert_int_equal(access(at("inbox"), F_OK), 0);
    strbuf_release(&before);
    strbuf_release(&after);
}

static void a_real_workspace_becomes_no_test(void **state)
{
    (void)state;
    struct err err;
    create(false);
    assert_int_equal(workspace_create(folder, true, &err), ERR_USAGE);
    assert_int_not_equal(access(at("state/test"), F_OK), 0);
}

static void a_lost_key_is_not_replaced(void **state)
{
    (void)state;
    struct err err;
    create(false);
    put("state/cases.db", "");
    assert_int_equal(unlink(at("keys/objection.1")), 0);
    assert_int_equal(workspace_create(folder, false, &err), ERR_PERMISSION);
    assert_non_null(strstr(err.message, "'objection'"));
    assert_int_not_equal(access(at("keys/objection.1"), F_OK), 0);
}

static void opens_only_a_workspace(void **state)
{
    (void)state;
    struct workspace *workspace = NULL;
    struct err err;
    assert_int_equal(workspace_open(&workspace, folder, &err), ERR_NOINPUT);
    put("fallzahl.yaml", "version: [\n");
    assert_int_equal(workspace_open(&workspace, folder, &err), ERR_CONFIG);
    assert_null(workspace);
}

static void one_run_at_a_time(void **state)
{
    (void)state;
    create(false);
    struct workspace *first = open_workspace(), *second = open_workspace();
    const struct clock clock = { 0 };
    struct err err;
    char holder[64];
    snprintf(holder, sizeof holder, "(process %ld)", (long)getpid());
    assert_int_equal(workspace_enter(first, &clock, WORKSPACE_SENDS_OR_DELETES, &err), 0);
    assert_int_equal(workspace_enter(second, &clock, WORKSPACE_STORES, &err), ERR_AGAIN);
    assert_non_null(strstr(err.message, holder));
    workspace_close(first);
    assert_int_equal(workspace_enter(second, &clock, WORKSPACE_STORES, &err), 0);
    workspace_close(second);
}

static void a_holder_that_has_not_written_itself_down_has_no_number(void **state)
{
    (void)state;
    create(false);
    struct workspace *workspace = open_workspace();
    const struct clock clock = { 0 };
    char *lock = workspace_path(workspace, "state/run.lock");
    struct err err;
    int fd = open(lock, O_RDWR | O_CREAT, 0600);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_int_equal(workspace_enter(workspace, &clock, WORKSPACE_STORES, &err), ERR_AGAIN);
    assert_null(strstr(err.message, "process"));
    close(fd);
    workspace_close(workspace);
    free(lock);
}

static void a_killed_run_leaves_no_lock(void **state)
{
    (void)state;
    create(false);
    struct workspace *workspace = open_workspace();
    const struct clock clock = { 0 };
    struct err err;
    pid_t child = fork();
    if (child == 0) {
        if (workspace_enter(workspace, &clock, WORKSPACE_STORES, NULL) == 0)
            raise(SIGKILL);
        _exit(1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(workspace_enter(workspace, &clock, WORKSPACE_STORES, &err), 0);
    workspace_close(workspace);
}

static int enter_at(const char *instant, enum workspace_act act, struct err *err)
{
    struct workspace *workspace = open_workspace();
    struct clock clock = { 0 };
    assert_int_equal(clock_inject(&clock, instant, err), 0);
    int code = workspace_enter(workspace, &clock, act, err);
    workspace_close(workspace);
    return code;
}

static void time_does_not_run_backwards(void **state)
{
    (void)state;
    struct err err;
    create(true);
    assert_int_equal(enter_at("2024-02-03", WORKSPACE_SENDS_OR_DELETES, &err), 0);
    assert_int_equal(enter_at("2024-02-03", WORKSPACE_STORES, &err), 0);
    assert_int_equal(enter_at("2024-02-02T23:59:59Z", WORKSPACE_STORES, &err), ERR_USAGE);
    assert_non_null(strstr(err.message, "2024-02-03T00:00:00Z"));
    assert_int_equal(enter_at("2024-03-03", WORKSPACE_STORES, &err), 0);
    assert_int_equal(enter_at("2024-02-04", WORKSPACE_STORES, &err), ERR_USAGE);
    put("state/clock", "no instant\n");
    assert_int_equal(enter_at("2024-04-04", WORKSPACE_STORES, &err), ERR_DATA);
}

static void only_a_test_may_delete_at_an_injected_time(void **state)
{
    (void)state;
    struct err err;
    create(false);
    assert_int_equal(enter_at("2024-02-03", WORKSPACE_SENDS_OR_DELETES, &err), ERR_USAGE);
    assert_int_not_equal(access(at("state/clock"), F_OK), 0);
    assert_int_equal(enter_at("2024-02-03", WORKSPACE_STORES, &err), 0);
}

static void an_open_state_folder_is_not_entered(void **state)
{
    (void)state;
    create(false);
    struct workspace *workspace = open_workspace();
    const struct clock clock = { 0 };
    struct err err;
    assert_int_equal(chmod(at("state"), 0750), 0);
    assert_int_equal(workspace_enter(workspace, &clock, WORKSPACE_STORES, &err), ERR_PERMISSION);
    assert_int_equal(rename(at("state"), at("elsewhere")), 0);
    assert_int_equal(chmod(at("elsewhere"), 0700), 0);
    assert_int_equal(symlink("elsewhere", at("state")), 0);
    assert_int_equal(workspace_enter(workspace, &clock, WORKSPACE_STORES, &err), ERR_PERMISSION);
    workspace_close(workspace);
}

static void collect(void *context, const char *problem)
{
    struct strbuf *all = context;
    strbuf_adds(all, problem + strcspn(problem, "'") + strlen(folder) + 2); /* without the folder's random name */
    strbuf_addc(all, '\n');
}

static void reports_every_wrong_mode(void **state)
{
    (void)state;
    struct strbuf all = { 0 };
    create(true);
    workspace_check_modes(folder, collect, &all);
    assert_string_equal(strbuf_text(&all), "");
    put("state/cases.db", "");
    chmod(at("state/cases.db"), 0640);
    chmod(at("state/runs"), 0711);
    chmod(at("fallzahl.yaml"), 0666);
    chmod(at("keys"), 0705);
    chmod(at("keys/token.1"), 0400);
    chmod(at("keys/contact.1"), 0604);
    chmod(at("published"), 0777);
    rmdir(at("outbox/sent"));
    assert_int_equal(symlink("/etc/passwd", at("quarantine/x")), 0);
    rmdir(at("surveys"));
    put("surveys", "");
    workspace_check_modes(folder, collect, &all);
    assert_string_equal(strbuf_text(&all), "fallzahl.yaml' has mode 0666; expected 0755 or less\n"
                                           "keys' has mode 0705; expected 0700 or less\n"
                                           "keys/contact.1' has mode 0604; expected 0600 or less\n"
                                           "state/cases.db' has mode 0640; expected 0600 or less\n"
                                           "state/runs' has mode 0711; expected 0700 or less\n"
                                           "quarantine/x' is neither a file nor a folder; remove it\n"
                                           "outbox/sent' is missing; 'fallzahl init' makes it\n"
                                           "surveys' is not a folder\n"
                                           "published' has mode 0777; expected 0755 or less\n");
    strbuf_release(&all);
}

static void configures_zone_country_and_controllers(void **state)
{
    (void)state;
    static const struct config_rule *const rules[] = { workspace_config_rules, NULL };
    create(false);
    struct workspace *workspace = open_workspace();
    workspace_configure(workspace);
    assert_non_null(workspace->zone);
    assert_int_equal(config_problem_count(workspace->config), 0);
    workspace_close(workspace);
    put("fallzahl.yaml", "version: 1\ntimezone: Europe/Berlyn\ncountry: ZQ\ncontrollers: [a, b, a]\n");
    workspace = open_workspace();
    config_check(workspace->config, rules);
    workspace_configure(workspace);
    static const char *const expected[] = {
        ":2:11: 'timezone' is 'Europe/Berlyn'; expected an IANA name such as Europe/Berlin",
        ":3:10: 'country' is 'ZQ'; expected an ISO 3166 code such as DE",
        ":4:21: the controller 'a' stands here twice; remove one",
    };
    assert_int_equal(config_problem_count(workspace->config), 3);
    for (size_t i = 0; i < 3; i++)
        assert_non_null(strstr(config_problem_text(workspace->config, i), expected[i]));
    workspace_close(workspace);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(makes_all_folders_with_their_modes),
        TEST(making_again_changes_nothing),
        TEST(a_real_workspace_becomes_no_test),
        TEST(a_lost_key_is_not_replaced),
        TEST(opens_only_a_workspace),
        TEST(one_run_at_a_time),
        TEST(a_holder_that_has_not_written_itself_down_has_no_number),
        TEST(a_killed_run_leaves_no_lock),
        TEST(time_does_not_run_backwards),
        TEST(only_a_test_may_delete_at_an_injected_time),
        TEST(an_open_state_folder_is_not_entered),
        TEST(reports_every_wrong_mode),
        TEST(configures_zone_country_and_controllers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
