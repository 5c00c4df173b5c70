/* Plans: a frozen audience under a hash, which somebody approves. Nothing is sent without an approved plan whose survey still asks
 * the same people the same things in the same way: all that decides who is asked what, when and how is bound by the approval. */
#ifndef SURVEYS_PLAN_H
#define SURVEYS_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "surveys/audience.h"

enum { PLAN_HASH_BYTES = 32, PLAN_WHO_MAX = 64 };

struct plan {
    int64_t id;              /* survey_plan.plan */
    unsigned char hash[PLAN_HASH_BYTES];
    unsigned char audience_digest[32], questions_digest[32];
    char planned_by[PLAN_WHO_MAX], approved_by[PLAN_WHO_MAX];
    int64_t planned_at, approved_at; /* approved_at 0: not approved */
    bool halted;
    int64_t halted_at;
    char halted_by[PLAN_WHO_MAX];
};

#define PLAN_STOPPED_BY_BOUNCES "too many bounces" /* who halted it, if nobody did */

/* Freezes the audience of the survey's wave. Each call makes a new plan, which needs an approval of its own, whether anybody came or left
 * or not; the same person at the same instant gets the plan that is there already. ERR_USAGE if the survey's anonymity differs from that of invitations already sent. */
int plan_make(struct db *surveys, const struct survey *survey, const struct audience *audience, const char *who,
              int64_t now, struct plan *plan, struct err *err);

/* ERR_USAGE if invitations were sent that promise another anonymity than the survey's file. */
int plan_check_promise(struct db *surveys, const struct survey *survey, struct err *err);

/* 0 if a plan may be made at all: the survey is not over, its invitations promise the same as before (plan_check_promise()), and who was asked
 * before is known (surveys/lost.h). ERR_USAGE with the reason. */
int plan_check(const struct audience_input *input, struct err *err);

/* The newest plan of the survey and wave; 1, or 0 if there is none. */
int plan_newest(struct db *surveys, const struct survey *survey, struct plan *plan, struct err *err);

/* Binds `who` to the plan with that hash (hex, at least 16 digits of it). ERR_USAGE: no such plan, halted, the survey
 * changed since, or four eyes are asked and `who` planned it. Approving twice changes nothing. */
int plan_approve(struct db *surveys, const struct survey *survey, const char *hash, const char *who, int64_t now,
                 struct err *err);

/* 0 if the newest plan may be sent now: approved, not halted, unchanged. ERR_USAGE with the reason. */
int plan_may_send(const struct plan *plan, const struct survey *survey, struct err *err);

/* Stops all sending of the survey; a new plan with a new approval starts it again. */
int plan_halt(struct db *surveys, const struct survey *survey, const char *who, int64_t now, struct err *err);

/* Sizes as marketing may see them: rounded down to a multiple of k, "<k" for smaller ones, so that a planner is no query machine. */
void plan_format_size(uint64_t size, int64_t k, char out[32]);

/* The plan as text: volume, cost, exclusions by reason and, by segment, only splits of at least 5k. What it shows of sizes is remembered,
 * so that plans one after the other tell no more than one does (surveys/figure.h). */
struct plan_report {
    struct db *surveys;
    const struct keyring *keyring;
    const struct survey *survey;
    int64_t k, now;
};
struct strbuf;
int plan_describe(const struct plan_report *report, const struct audience *audience, const struct plan *plan, struct strbuf *out,
                  struct err *err);

#endif
