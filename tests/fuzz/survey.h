/* A survey with every type of question, compiled, for the fuzz targets. */
#ifndef TESTS_FUZZ_SURVEY_H
#define TESTS_FUZZ_SURVEY_H

#include <stdlib.h>
#include <string.h>

#include "core/config.h"
#include "surveys/definition.h"

static const char fuzz_yaml[] =
    "version: 1\ntitle: {en: T}\ncontroller: nordhaus\nsource: cases\nchannel: phone\ntransport: handoff\nvendor: v\nanonymity: anonymous\n"
    "languages: [en]\nends: 2026-12-31\nprivacy_notice: https://n.example\nmessage: {subject: {en: S}, body: {en: voluntary}}\n"
    "responses: {time: time}\nquestions:\n"
    "  - {id: a, type: nps, required: true, text: {en: A}, low: {en: l}, high: {en: h}}\n"
    "  - {id: b, type: multiple, text: {en: B}, choices: [{id: x, label: {en: X}}, {id: y, label: {en: Y}}]}\n"
    "  - {id: c, type: single, show_if: {question: a, is: [0, 1]}, text: {en: C}, choices: [{id: x, label: {en: X}}, {id: y, label: {en: Y}}]}\n"
    "  - {id: d, type: number, range: [-5, 5], text: {en: D}}\n"
    "  - {id: e, type: text, max_length: 20, show_if: {question: c, is: [y]}, text: {en: E}}\n";

static struct survey *fuzz_survey(void)
{
    static const struct config_rule *const rules[] = { survey_config_rules, NULL };
    static struct config *config; /* the survey's texts are its */
    struct survey *survey;
    if (config_parse(&config, "s", fuzz_yaml, strlen(fuzz_yaml), NULL))
        abort();
    config_check(config, rules);
    survey_compile(&survey, config, "s");
    if (config_problem_count(config))
        abort();
    return survey;
}

#endif
