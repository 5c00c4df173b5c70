#include "surveys/page_text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/calendar.h"
#include "core/err.h"
#include "core/html.h"
#include "core/strbuf.h"

struct words {
    const char *en, *de;
};

static const struct words texts[PAGE_TEXTS] = {
    [PAGE_NOTHING] = { "", "" },
    [PAGE_REQUIRED] = { "required", "erforderlich" },
    [PAGE_NO_ANSWER] = { "No answer", "Keine Angabe" },
    [PAGE_NEXT] = { "Next", "Weiter" },
    [PAGE_BACK] = { "Back", "Zurück" },
    [PAGE_SAVE] = { "Save and continue later", "Speichern und später fortsetzen" },
    [PAGE_SEND] = { "Send answers", "Antworten senden" },
    [PAGE_STEP] = { "Step {} of {}", "Schritt {} von {}" },
    [PAGE_TEXT_LIMIT] = { "At most {} characters. Please do not name people, numbers or addresses.",
                          "Höchstens {} Zeichen. Bitte nennen Sie keine Namen, Nummern oder Adressen." },
    [PAGE_NUMBER_LIMITS] = { "A whole number from {} to {}.", "Eine ganze Zahl von {} bis {}." },
    [PAGE_ANONYMOUS] = { "Your answers are anonymous. They are stored encrypted, mixed with those of others and then kept without any link "
                         "to you, or deleted if too few people answer. Until then, only whoever holds the key could assign them.",
                         "Ihre Antworten sind anonym. Sie werden verschlüsselt gespeichert, mit denen anderer gemischt und danach ohne jeden "
                         "Bezug zu Ihnen aufbewahrt oder, wenn zu wenige antworten, gelöscht. Bis dahin könnte nur, wer den Schlüssel hat, sie zuordnen." },
    [PAGE_CONFIDENTIAL] = { "Your answers are confidential: they are stored together with your request, and results are published only "
                            "for groups.",
                            "Ihre Antworten sind vertraulich: Sie werden zusammen mit Ihrer Anfrage gespeichert, Ergebnisse werden nur für "
                            "Gruppen veröffentlicht." },
    [PAGE_VOLUNTARY] = { "Taking part is voluntary.", "Die Teilnahme ist freiwillig." },
    [PAGE_UNSENT] = { "What you save and do not send is never used and is deleted after {}.",
                      "Was Sie speichern und nicht senden, wird nie verwendet und nach dem {} gelöscht." },
    [PAGE_PRIVACY] = { "Privacy notice", "Datenschutzhinweise" },
    [PAGE_IMPRINT] = { "Imprint", "Impressum" },
    [PAGE_NO_MORE] = { "No more surveys", "Keine Umfragen mehr" },
    [PAGE_ERROR_TITLE] = { "Please check your answers", "Bitte prüfen Sie Ihre Antworten" },
    [PAGE_ERROR_MISSING] = { "Please answer this question.", "Bitte beantworten Sie diese Frage." },
    [PAGE_ERROR_RANGE] = { "This answer is not possible here.", "Diese Antwort ist hier nicht möglich." },
    [PAGE_ERROR_LONG] = { "This text is too long.", "Dieser Text ist zu lang." },
    [PAGE_ERROR_EMPTY] = { "Please answer at least one question.", "Bitte beantworten Sie mindestens eine Frage." },
    [PAGE_READY_TITLE] = { "Ready to send", "Bereit zum Senden" },
    [PAGE_READY] = { "There are no more questions. Send your answers now.", "Es gibt keine weiteren Fragen. Senden Sie jetzt Ihre Antworten." },
    [PAGE_THANKS_TITLE] = { "Thank you", "Vielen Dank" },
    [PAGE_THANKS] = { "Your answers have been received. You can close this page.", "Ihre Antworten sind angekommen. Sie können diese Seite schließen." },
    [PAGE_SAVED] = { "Saved until {}. To go on later, keep this page open or bookmark it: its address is new and stands in no message, and only "
                     "whoever has it can see what you saved. The link of your invitation begins anew.",
                     "Gespeichert bis zum {}. Um später fortzufahren, lassen Sie diese Seite offen oder setzen Sie ein Lesezeichen: Die Adresse der Seite "
                     "ist neu und steht in keiner Nachricht, und nur wer sie hat, sieht, was Sie gespeichert haben. Der Link Ihrer Einladung beginnt "
                     "von vorn." },
    [PAGE_SAVED_ELSEWHERE] = { "You have saved answers. Only the address that the page had afterwards shows them; here you begin anew.",
                               "Sie haben Antworten gespeichert. Nur die Adresse, die die Seite danach hatte, zeigt sie; hier beginnen Sie von vorn." },
    [PAGE_NOT_SAVED] = { "Nothing is saved under this address any more. You can begin anew here.",
                         "Unter dieser Adresse ist nichts mehr gespeichert. Sie können hier von vorn beginnen." },
    [PAGE_SPENT_TITLE] = { "Already answered", "Bereits beantwortet" },
    [PAGE_SPENT] = { "We have your answers already; each invitation counts once. Thank you.",
                     "Ihre Antworten liegen uns schon vor; jede Einladung zählt einmal. Vielen Dank." },
    [PAGE_EXPIRED_TITLE] = { "This survey is over", "Diese Umfrage ist beendet" },
    [PAGE_EXPIRED] = { "Answers can no longer be taken. Thank you for your interest.",
                       "Antworten werden nicht mehr angenommen. Vielen Dank für Ihr Interesse." },
    [PAGE_REVISED_TITLE] = { "This survey is being revised", "Diese Umfrage wird gerade überarbeitet" },
    [PAGE_REVISED] = { "Nothing was stored. Please open the link of your invitation again tomorrow.",
                       "Es wurde nichts gespeichert. Bitte öffnen Sie den Link Ihrer Einladung morgen noch einmal." },
    [PAGE_CHANGED_TITLE] = { "The questions have changed", "Die Fragen haben sich geändert" },
    [PAGE_CHANGED] = { "Nothing was stored. Please open the link of your invitation again and look at the questions once more.",
                       "Es wurde nichts gespeichert. Bitte öffnen Sie den Link Ihrer Einladung erneut und sehen Sie sich die Fragen noch einmal an." },
    [PAGE_UNKNOWN_TITLE] = { "This link does not work", "Dieser Link funktioniert nicht" },
    [PAGE_UNKNOWN] = { "Please check that the address is complete. Nothing was changed.",
                       "Bitte prüfen Sie, ob die Adresse vollständig ist. Es wurde nichts geändert." },
    [PAGE_UNKNOWN_OPT_OUT_TITLE] = { "This link is not known", "Dieser Link ist nicht bekannt" },
    [PAGE_UNKNOWN_OPT_OUT] = { "Nothing was changed. Either the address is not complete, or the message is more than a year old. To get no more surveys, please use "
                               "the link in a newer message, or tell its sender.",
                               "Es wurde nichts geändert. Entweder ist die Adresse nicht vollständig, oder die Nachricht ist mehr als ein Jahr alt. Wenn Sie keine "
                               "Umfragen mehr möchten, nutzen Sie bitte den Link einer neueren Nachricht oder sagen Sie es dem Absender." },
    [PAGE_OPT_OUT_TITLE] = { "No more surveys?", "Keine Umfragen mehr?" },
    [PAGE_OPT_OUT] = { "{} will then send you no more surveys.", "{} schickt Ihnen dann keine Umfragen mehr." },
    [PAGE_OPT_OUT_BUTTON] = { "Send me no more surveys", "Keine Umfragen mehr schicken" },
    [PAGE_OPTED_OUT_TITLE] = { "You will get no more surveys", "Sie erhalten keine Umfragen mehr" },
    [PAGE_OPTED_OUT] = { "{} will send you no more surveys.", "{} schickt Ihnen keine Umfragen mehr." },
    [PAGE_CONFIRM_TITLE] = { "Please confirm", "Bitte bestätigen Sie" },
    [PAGE_CONFIRM] = { "May {} ask you now and then how satisfied you were? You can withdraw at any time.",
                       "Darf {} Sie gelegentlich fragen, wie zufrieden Sie waren? Sie können jederzeit widerrufen." },
    [PAGE_CONFIRM_BUTTON] = { "Yes, I agree", "Ja, ich bin einverstanden" },
    [PAGE_CONFIRM_MAIL] = { "Hello,\n\nwe were told with this address that {sender} may ask now and then how satisfied you were. Please confirm it:\n{link}\n\n"
                            "The link works until {expires}. This is voluntary. Without your confirmation you will get no further message.\n\n"
                            "No more messages:\n{opt_out_link}\n\nPrivacy: {privacy_notice}",
                            "Guten Tag,\n\nmit dieser Adresse wurde uns erlaubt, dass {sender} Sie gelegentlich fragt, wie zufrieden Sie waren. Bitte bestätigen Sie das:\n"
                            "{link}\n\nDer Link gilt bis {expires}. Das ist freiwillig. Ohne Ihre Bestätigung erhalten Sie keine weitere Nachricht.\n\n"
                            "Keine Nachrichten mehr:\n{opt_out_link}\n\nDatenschutz: {privacy_notice}" },
    [PAGE_CONFIRMED_TITLE] = { "Confirmed", "Bestätigt" },
    [PAGE_CONFIRMED] = { "Thank you. {} may now ask you.", "Vielen Dank. {} darf Sie nun fragen." },
    [PAGE_PREVIEW_SUBJECT] = { "[Preview] ", "[Vorschau] " },
    [PAGE_PREVIEW] = { "PREVIEW, NOT A SURVEY. This message was sent to you for checking, before a survey. Its links belong to nobody: they open a page that says that "
                       "they do not work, and nothing can be answered or cancelled by them. There will be no others unless somebody sends them for checking.",
                       "VORSCHAU, KEINE UMFRAGE. Diese Nachricht wurde Ihnen zur Prüfung geschickt, vor einer Umfrage. Ihre Links gehören niemandem: Sie öffnen "
                       "eine Seite, die sagt, dass sie nicht gelten; beantworten oder abbestellen lässt sich damit nichts. Weitere kommen nur, wenn jemand sie zur Prüfung schickt." },
    [PAGE_BUSY_TITLE] = { "Please try again", "Bitte versuchen Sie es erneut" },
    [PAGE_BUSY] = { "Just now too much is going on here. Nothing was stored; please try again in a minute.",
                    "Hier ist gerade zu viel los. Es wurde nichts gespeichert; bitte versuchen Sie es in einer Minute erneut." },
    [PAGE_BAD_TITLE] = { "This did not arrive as it should", "Das kam nicht so an, wie es sollte" },
    [PAGE_BAD] = { "Nothing was stored. Please go back and try again.", "Es wurde nichts gespeichert. Bitte gehen Sie zurück und versuchen Sie es erneut." },
};

const char *page_language(const char *tag)
{
    static const char *const shipped[] = { "en", "de" };
    for (const char *at = tag; at && *at;) {
        at += strspn(at, " ,");
        for (size_t i = 0; i < sizeof shipped / sizeof *shipped; i++)
            if (strncasecmp(at, shipped[i], 2) == 0 && (!at[2] || strchr("-_;, ", at[2])))
                return shipped[i];
        at += strcspn(at, ",");
    }
    return "en";
}

const char *page_text(enum page_text text, const char *language)
{
    return strcmp(page_language(language), "de") == 0 ? texts[text].de : texts[text].en;
}

void page_format_day(int32_t day, const char *language, char out[16])
{
    const struct calendar_date date = calendar_date(day);
    if (strcmp(page_language(language), "de") == 0)
        snprintf(out, 16, "%d.%d.%d", (int)(date.day % 100), (int)(date.month % 100), (int)(date.year % 10000));
    else
        calendar_format_day(day, out);
}

void page_add_text(struct strbuf *out, enum page_text text, const char *language, const char *const *values)
{
    const char *at = page_text(text, language), *gap;
    struct strbuf filled = { 0 };
    while ((gap = strstr(at, "{}"))) {
        BUG_ON(!values || !*values);
        strbuf_add(&filled, at, (size_t)(gap - at));
        strbuf_adds(&filled, *values++);
        at = gap + 2;
    }
    strbuf_adds(&filled, at);
    html_add_text(out, strbuf_text(&filled));
    strbuf_release(&filled);
}
