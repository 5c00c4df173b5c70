#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "etl/feed.h"

static struct source source;
static struct case_table table = { .source = &source };

struct script {
    int batches, fail_at; /* fail_at: number of the batch that fails, 0: none */
    int filled;
};

static int fill(void *context, struct batch *batch, struct err *err)
{
    struct script *script = context;
    if (++script->filled == script->fail_at)
        return err_set(err, ERR_DATA, "row is wrong");
    batch->count = (size_t)script->filled;
    return script->filled < script->batches;
}

static void test_every_batch_once_and_in_order(void **state)
{
    (void)state;
    for (int batches = 1; batches < 20; batches++) {
        struct script script = { .batches = batches };
        struct feed *feed;
        struct batch *batch;
        assert_int_equal(feed_start(&feed, &table, fill, &script, NULL), 0);
        for (int i = 1; i <= batches; i++) {
            assert_int_equal(feed_next(feed, &batch, NULL), 1);
            assert_int_equal(batch->count, i);
            feed_return(feed, batch);
        }
        assert_int_equal(feed_next(feed, &batch, NULL), 0);
        assert_int_equal(feed_next(feed, &batch, NULL), 0);
        feed_stop(feed);
    }
}

static void test_error_comes_after_what_was_read_before_it(void **state)
{
    struct script script = { .batches = 9, .fail_at = 3 };
    struct feed *feed;
    struct batch *batch;
    struct err err;
    (void)state;
    assert_int_equal(feed_start(&feed, &table, fill, &script, NULL), 0);
    for (int i = 1; i <= 2; i++) {
        assert_int_equal(feed_next(feed, &batch, &err), 1);
        feed_return(feed, batch);
    }
    assert_int_equal(feed_next(feed, &batch, &err), ERR_DATA);
    assert_string_equal(err.message, "row is wrong");
    assert_int_equal(feed_next(feed, &batch, NULL), ERR_DATA);
    feed_stop(feed);
}

/* The caller gives up while the reader waits for room. */
static void test_stopped_half_way(void **state)
{
    (void)state;
    for (int taken = 0; taken < 5; taken++) {
        struct script script = { .batches = 1000000 };
        struct feed *feed;
        struct batch *batch;
        assert_int_equal(feed_start(&feed, &table, fill, &script, NULL), 0);
        for (int i = 0; i < taken; i++) {
            assert_int_equal(feed_next(feed, &batch, NULL), 1);
            if (i + 1 < taken)
                feed_return(feed, batch);
        }
        feed_stop(feed);
        assert_true(script.filled <= taken + 3); /* it never runs further ahead */
    }
    feed_stop(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_batch_once_and_in_order),
        cmocka_unit_test(test_error_comes_after_what_was_read_before_it),
        cmocka_unit_test(test_stopped_half_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
