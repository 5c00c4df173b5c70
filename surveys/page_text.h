/* The page's own words in the languages that are shipped. A survey in another language has English words around its texts. `{}` in
 * a text is filled in, in the order given here. */
#ifndef SURVEYS_PAGE_TEXT_H
#define SURVEYS_PAGE_TEXT_H

#include <stdint.h>

enum page_text {
    PAGE_NOTHING,
    PAGE_REQUIRED,
    PAGE_NO_ANSWER,
    PAGE_NEXT,
    PAGE_BACK,
    PAGE_SAVE,
    PAGE_SEND,
    PAGE_STEP,           /* step, steps */
    PAGE_TEXT_LIMIT,     /* characters */
    PAGE_NUMBER_LIMITS,  /* lowest, highest */
    PAGE_ANONYMOUS,
    PAGE_CONFIDENTIAL,
    PAGE_VOLUNTARY,
    PAGE_UNSENT,         /* the day */
    PAGE_PRIVACY,
    PAGE_IMPRINT,
    PAGE_NO_MORE,        /* the link to the opt-out */
    PAGE_ERROR_TITLE,
    PAGE_ERROR_MISSING,
    PAGE_ERROR_RANGE,
    PAGE_ERROR_LONG,
    PAGE_ERROR_EMPTY,
    PAGE_READY_TITLE,
    PAGE_READY,
    PAGE_THANKS_TITLE,
    PAGE_THANKS,
    PAGE_SAVED,          /* the day */
    PAGE_SAVED_ELSEWHERE,
    PAGE_NOT_SAVED,
    PAGE_SPENT_TITLE,
    PAGE_SPENT,
    PAGE_EXPIRED_TITLE,
    PAGE_EXPIRED,
    PAGE_REVISED_TITLE,
    PAGE_REVISED,
    PAGE_CHANGED_TITLE,
    PAGE_CHANGED,
    PAGE_UNKNOWN_TITLE,
    PAGE_UNKNOWN,
    PAGE_UNKNOWN_OPT_OUT_TITLE,
    PAGE_UNKNOWN_OPT_OUT,
    PAGE_OPT_OUT_TITLE,
    PAGE_OPT_OUT,        /* the brand */
    PAGE_OPT_OUT_BUTTON,
    PAGE_OPTED_OUT_TITLE,
    PAGE_OPTED_OUT,      /* the brand */
    PAGE_CONFIRM_TITLE,
    PAGE_CONFIRM,        /* the brand */
    PAGE_CONFIRM_BUTTON,
    PAGE_CONFIRM_MAIL,   /* a message's text with {sender}, {link} … */
    PAGE_CONFIRMED_TITLE,
    PAGE_CONFIRMED,      /* the brand */
    PAGE_PREVIEW_SUBJECT, /* of a message */
    PAGE_PREVIEW,
    PAGE_BUSY_TITLE,
    PAGE_BUSY,
    PAGE_BAD_TITLE,
    PAGE_BAD,
    PAGE_TEXTS,
};

/* "de" or "en": the shipped language that a language tag, or a whole Accept-Language header, asks for first; "en" if none. */
const char *page_language(const char *tag);

const char *page_text(enum page_text text, const char *language);

/* The day as people of that language write it: 6.3.2026, 2026-03-06. */
void page_format_day(int32_t day, const char *language, char out[16]);

/* Adds the text as HTML, each `{}` replaced by the next of the values, all of it as plain text. */
struct strbuf;
void page_add_text(struct strbuf *out, enum page_text text, const char *language, const char *const *values);

#endif
