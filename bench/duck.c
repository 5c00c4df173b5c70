/* duck LIBRARY DATABASE THREADS SCRIPT.sql IN OUT: runs an SQL script through DuckDB's C API, with $IN and $OUT replaced.
 * The library is opened at run time, so that the bench builds without it. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    void *pointer;
} * duck_handle;
struct duck_result {
    uint64_t columns, rows, changed;
    void *data;
    char *message;
    void *internal;
};

static int (*duck_open)(const char *, duck_handle *), (*duck_connect)(duck_handle, duck_handle *);
static int (*duck_query)(duck_handle, const char *, struct duck_result *);
static const char *(*duck_error)(struct duck_result *);
static void (*duck_close)(duck_handle *), (*duck_disconnect)(duck_handle *), (*duck_destroy)(struct duck_result *);

static void find(void *library, const char *name, void *function)
{
    *(void **)function = dlsym(library, name);
    if (!*(void **)function) {
        fprintf(stderr, "duck: %s\n", dlerror());
        exit(70);
    }
}

static void load(const char *path)
{
    void *library = dlopen(path, RTLD_NOW);
    if (!library) {
        fprintf(stderr, "duck: %s\n", dlerror());
        exit(66);
    }
    find(library, "duckdb_open", &duck_open);
    find(library, "duckdb_connect", &duck_connect);
    find(library, "duckdb_query", &duck_query);
    find(library, "duckdb_result_error", &duck_error);
    find(library, "duckdb_close", &duck_close);
    find(library, "duckdb_disconnect", &duck_disconnect);
    find(library, "duckdb_destroy_result", &duck_destroy);
}

static void run(duck_handle connection, const char *sql)
{
    struct duck_result result;
    if (duck_query(connection, sql, &result)) {
        fprintf(stderr, "duck: %s\n", duck_error(&result));
        exit(65);
    }
    duck_destroy(&result);
}

static char *read_script(const char *path, const char *in, const char *out)
{
    static char script[65536], filled[131072];
    FILE *file = fopen(path, "r");
    if (!file) {
        perror(path);
        exit(66);
    }
    script[fread(script, 1, sizeof script - 1, file)] = '\0';
    fclose(file);
    size_t length = 0;
    for (const char *at = script; *at && length < sizeof filled - 4096;) {
        const char *with = !strncmp(at, "$IN", 3) ? in : !strncmp(at, "$OUT", 4) ? out : NULL;
        if (with)
            length += (size_t)snprintf(filled + length, sizeof filled - length, "%s", with);
        else
            filled[length++] = *at;
        at += with == in ? 3 : with ? 4 : 1;
    }
    filled[length] = '\0';
    return filled;
}

int main(int argc, char **argv)
{
    duck_handle database, connection;
    char threads[64];
    if (argc != 7)
        return 64;
    load(argv[1]);
    if (duck_open(strcmp(argv[2], ":memory:") ? argv[2] : NULL, &database) || duck_connect(database, &connection))
        return 74;
    snprintf(threads, sizeof threads, "SET threads=%d", atoi(argv[3]));
    run(connection, threads);
    run(connection, read_script(argv[4], argv[5], argv[6]));
    duck_disconnect(&connection);
    duck_close(&database);
    return 0;
}
