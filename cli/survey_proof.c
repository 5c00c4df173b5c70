#include "cli/survey_proof.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "cli/restored.h"
#include "cli/survey_sending.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "etl/claimants.h"
#include "etl/mask.h"
#include "surveys/consent.h"
#include "surveys/contact.h"
#include "surveys/dispatch.h"
#include "surveys/message.h"
#include "surveys/plan.h"
#include "surveys/spool.h"

enum { NAME_BYTES = 12 };

struct message survey_proof_message(const struct survey_proof *proof, const char *language, const char *address)
{
    return (struct message){ .survey = proof->survey, .language = language, .address = address, .id = "preview", .token = "preview", .preview = true,
                             .now = proof->now,
                             .expires_day = zone_day(proof->session->workspace->zone, proof->now) + (int32_t)proof->survey->expires_days };
}

/* A new name for each proof: two of them on one day are two messages. */
static void name_proof(const struct message *message, struct strbuf *name)
{
    unsigned char digest[crypto_generichash_BYTES];
    char digits[2 * NAME_BYTES + 1];
    struct strbuf facts = { 0 };
    strbuf_addf(&facts, "%s:%s:%s:%lld", message->survey->name, message->language, message->address, (long long)message->now);
    crypto_generichash(digest, sizeof digest, (const unsigned char *)strbuf_text(&facts), facts.length, NULL, 0);
    sodium_bin2hex(digits, sizeof digits, digest, NAME_BYTES);
    strbuf_addf(name, PROOF_PREFIX "%s", digits);
    strbuf_wipe(&facts);
}

static int submit_one(struct smtp *smtp, const struct message *message, struct slice bytes, struct err *err)
{
    struct strbuf from = { 0 };
    struct smtp_reply reply;
    message_return_path(message->survey, message->id, &from);
    const struct smtp_letter letter = { message->id, strbuf_text(&from), message->address, bytes };
    smtp_send(smtp, &letter, &reply);
    strbuf_release(&from);
    return reply.outcome == SMTP_ACCEPTED ? 0 : err_set(err, ERR_AGAIN, "the mail server did not take the proof (answer %d)", reply.code);
}

static int send_one(const struct survey_proof *proof, struct smtp *smtp, const char *language, const char *address, struct err *err)
{
    struct message message = survey_proof_message(proof, language, address);
    struct strbuf name = { 0 }, bytes = { 0 };
    name_proof(&message, &name);
    message.id = strbuf_text(&name);
    message_build(&message, &bytes);
    struct slice text = { strbuf_text(&bytes), bytes.length };
    int code = smtp ? submit_one(smtp, &message, text, err) : spool_put(proof->outbox, message.id, text, err);
    strbuf_wipe(&bytes);
    strbuf_release(&name);
    return code;
}

static int send_all(const struct survey_proof *proof, struct smtp *smtp, const char *address, size_t *count, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < proof->survey->language_count && !code; i++)
        code = send_one(proof, smtp, proof->survey->languages[i], address, err);
    if (!code)
        *count = proof->survey->language_count;
    return code;
}

/* ---- to whom ---- */

/* What the ledger says of all that the address is known as. */
struct refusal {
    const struct survey_proof *proof;
    bool refused, welcome;
};

static int look_at_recipient(void *context, int64_t recipient, struct err *err)
{
    struct refusal *refusal = context;
    const struct survey *survey = refusal->proof->survey;
    const struct consent_event question = { .recipient = recipient, .controller = survey->controller, .purpose = survey->purpose };
    struct consent_state state;
    int code = consent_check(refusal->proof->surveys, &question, false, refusal->proof->now, &state, err);
    if (code)
        return code;
    refusal->refused |= state.verdict == CONSENT_OBJECTED || state.verdict == CONSENT_OPTED_OUT;
    refusal->welcome |= state.verdict == CONSENT_GIVEN;
    return 0;
}

/* What the register says, by whichever identifier it was claimed. An opt-out there is of some survey: what the ledger says of the address
 * after it counts. */
static int look_at_claims(const struct survey_proof *proof, const char *address, struct refusal *refusal, struct err *err)
{
    const struct store store = { .db = proof->cases, .keyring = proof->keyring, .objection = keyring_key(proof->keyring, KEY_OBJECTION, 1) };
    unsigned char hash[PSEUDONYM_BYTES];
    struct claimants *claimants = NULL;
    int64_t at;
    int code = claimants_open(&claimants, &store, proof->session->workspace->zone, err);
    if (code)
        return code;
    objection_hash(store.objection, "email", (struct slice){ address, strlen(address) }, hash);
    int64_t group = claimants_group_named(claimants, hash);
    if (group)
        refusal->refused |= claimants_barred_until(claimants, group) == INT32_MAX ||
                            (!refusal->welcome && claimants_claimed_at(claimants, group, CLAIM_OPT_OUT, &at));
    claimants_free(claimants);
    return 0;
}

static int check_address(const struct survey_proof *proof, const char *address, struct err *err)
{
    const struct contact_identifier identifier = { "email", address };
    struct refusal refusal = { .proof = proof };
    int64_t recipient = 0;
    int code = recipient_find(proof->surveys, proof->keyring, "email", address, &recipient, err);
    if (!code && recipient) /* what others of the same person declared is part of its history */
        code = look_at_recipient(&refusal, recipient, err);
    if (!code && !recipient)
        code = recipient_each_known_by(proof->surveys, proof->keyring, &identifier, look_at_recipient, &refusal, err);
    if (!code)
        code = look_at_claims(proof, address, &refusal, err);
    if (!code && refusal.refused)
        code = err_set(err, ERR_USAGE, "whoever has this address objected or wants no surveys: no proof is sent there");
    return code;
}

static int check_survey(const struct survey_proof *proof, struct err *err)
{
    struct plan plan;
    int code = restored_check(proof->session->workspace, err);
    int found = code ? 0 : plan_newest(proof->surveys, proof->survey, &plan, err);
    if (found == 1 && plan.halted)
        return err_set(err, ERR_USAGE, "survey '%s' is halted: no proof is sent before it is planned again", proof->survey->name);
    return code ? code : found < 0 ? found : 0;
}

int survey_proof_send(const struct survey_proof *proof, size_t *count, struct err *err)
{
    struct strbuf address = { 0 };
    struct smtp *smtp = NULL;
    struct survey_login login = { 0 };
    if (proof->survey->transport == SURVEY_HANDOFF)
        return err_set(err, ERR_USAGE, "survey '%s' goes by hand-off: there is no message to send", proof->survey->name);
    if (identifier_normalise(IDENTIFIER_EMAIL, NULL, (struct slice){ proof->address, strlen(proof->address) }, &address, NULL))
        return err_set(err, ERR_USAGE, "that is no e-mail address to send a proof to");
    int code = check_survey(proof, err);
    if (!code)
        code = check_address(proof, strbuf_text(&address), err);
    if (!code && proof->survey->transport == SURVEY_SMTP)
        code = survey_login_read(&login, proof->session, err);
    if (!code && proof->survey->transport == SURVEY_SMTP)
        code = smtp_open(&smtp, &login.options, err);
    if (!code)
        code = send_all(proof, smtp, strbuf_text(&address), count, err);
    smtp_close(smtp);
    survey_login_release(&login);
    strbuf_wipe(&address);
    return code;
}
