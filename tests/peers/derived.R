# A made-up export through the whole program, then base R on the published tables alone: what is derived must be what R says,
# to the decimals that are written. Rscript derived.R build/release/fallzahl
program <- normalizePath(commandArgs(trailingOnly = TRUE)[1])
set.seed(20260131)
folder <- file.path(tempfile(), "w")
dir.create(dirname(folder))
months <- 29 # odd: R's robust stl() misses the median of an even number
config <- "version: 1
timezone: UTC
protection: {k: 5}
sources:
  cases:
    files: cases*.csv
    expect: none
    personal_data: none
    person: none
    case_id: id
    opened_at: day
    closed_at: day
    dimensions:
      month: {date: closed_at, as: month}
      brand: {column: brand}
      channel: {column: channel}
      wait: {number: wait, bands: [2, 5]}
    measures:
      score: {column: score, score: [1, 5]}
tables:
  channels: {period: month, by: [brand, channel], share_of: channel, measures: {score: [mean, sd]}}
  waits: {period: month, by: [brand, wait], share_of: wait}"

fallzahl <- function(...) if (system2(program, c(...), stdout = FALSE) != 0) stop("fallzahl ", ...)
fallzahl("init", folder, "--test", "--quiet")
writeLines(config, file.path(folder, "fallzahl.yaml"))
n <- 300 + 5 * seq_len(months) + round(60 * sin(2 * pi * seq_len(months) / 12)) + sample(40, months, TRUE)
month <- rep(seq_len(months) - 1, n)
brand <- sample(c("a", "b", "c"), length(month), TRUE)
rows <- data.frame(
    id = seq_along(month), day = sprintf("%d-%02d-%02d", 2023 + month %/% 12, month %% 12 + 1, sample(28, length(month), TRUE)),
    brand = brand, channel = ifelse(runif(length(month)) < 0.3 + 0.2 * (brand == "a"), "chat", sample(c("mail", "phone"), length(month), TRUE)),
    wait = rpois(length(month), 3 + (brand == "c")), score = pmin(5, pmax(1, rpois(length(month), 3))))
write.csv(rows, file.path(folder, "inbox/cases.csv"), row.names = FALSE, quote = FALSE)
invisible(file.create(file.path(folder, "inbox/cases.csv.ok")))
fallzahl("-C", folder, "run", "--quiet", "--as-of", "2026-01-31")
read <- function(name) read.csv(file.path(folder, "published/latest", name), check.names = FALSE, na.strings = "")

differences <- list()
compare <- function(name, ours, theirs, decimals) {
    off <- abs(ours - theirs)
    differences[[name]] <<- c(differences[[name]], off / 10^-decimals)
}
floored <- function(p) pmax(p, 1e-6) # the least p that is written

# The counts of a table's groups × categories in a month, from the published cells.
channels <- read("tables/channels.csv"); waits <- read("tables/waits.csv")
counts <- function(table, category, at) {
    inner <- table[table$month == at & table$brand != "(total)" & table[[category]] != "(total)", ]
    xtabs(inner$cases ~ inner$brand + inner[[category]])
}
tests <- read("preferences/channels_tests.csv"); shares <- read("preferences/channels.csv")
at <- sort(unique(channels$month))
stopifnot(length(at) == months, !any(channels$channel %in% c("(withheld)", "(other)")))
for (m in at) {
    table <- counts(channels, "channel", m)
    r <- chisq.test(table, correct = FALSE); row <- tests[tests$period == m, ]
    compare("chi-square", row$chi_square, r$statistic, 4)
    compare("p of chi-square", row$p, floored(r$p.value), 6)
    compare("Cramer's V", row$cramers_v, sqrt(r$statistic / sum(table) / 2), 4)
    mine <- shares[shares$period == m & shares$brand != "(total)" & shares$channel != "(total)", ]
    residuals <- r$stdres[cbind(mine$brand, mine$channel)]
    compare("adjusted residuals", mine$residual, residuals, 3)
    compare("BH of residuals", mine$p_adjusted, floored(p.adjust(2 * pnorm(-abs(residuals)), "BH")), 6)
    k <- as.data.frame(counts(waits, "wait", m), responseName = "cases")
    names(k) <- c("brand", "wait", "cases")
    order <- match(k$wait, c("under 2", "2-4", "5+"))
    r <- kruskal.test(rep(order, k$cases), rep(k$brand, k$cases))
    row <- read("preferences/waits_tests.csv"); row <- row[row$period == m, ]
    compare("Kruskal-Wallis", row$kruskal_wallis, r$statistic, 4)
    compare("p of Kruskal-Wallis", row$kruskal_wallis_p, floored(r$p.value), 6)
}
year <- tail(at, 12); row <- tests[grepl("/", tests$period), ]
r <- mantelhaen.test(simplify2array(lapply(year, function(m) counts(channels, "channel", m))))
compare("stratified test", row$stratified, r$statistic, 4)
compare("p of the stratified test", row$stratified_p, floored(r$p.value), 6)

# Means: each brand against the rest of all, from published n, mean and sd.
means <- read("preferences/channels_means.csv")
for (m in at) for (b in c("a", "b", "c")) {
    cell <- function(brand) channels[channels$month == m & channels$brand == brand & channels$channel == "(total)", ]
    one <- cell(b); all <- cell("(total)")
    squares <- function(x) (x$score_n - 1) * x$score_sd^2 + x$score_n * x$score_mean^2
    n2 <- all$score_n - one$score_n; mean2 <- (all$score_n * all$score_mean - one$score_n * one$score_mean) / n2
    var2 <- (squares(all) - squares(one) - n2 * mean2^2) / (n2 - 1)
    v <- c(one$score_sd^2 / one$score_n, var2 / n2)
    row <- means[means$period == m & means$measure == "score_mean" & means$brand == b & means$channel == "(total)", ]
    t <- (one$score_mean - mean2) / sqrt(sum(v)); df <- sum(v)^2 / sum(v^2 / (c(one$score_n, n2) - 1))
    compare("Welch's t", row$t, t, 4)
    compare("p of Welch's t", row$p, floored(2 * pt(-abs(t), df)), 6)
}

trends <- read("trends/channels.csv"); parts <- read("trends/channels_parts.csv"); index <- seq_len(months)
for (i in which(trends$figure %in% c("cases", "score_mean"))) {
    row <- trends[i, ]
    line <- channels[channels$brand == row$brand & channels$channel == row$channel, ]
    x <- line[order(line$month), if (row$figure == "cases") "cases" else "score_mean"]
    r <- suppressWarnings(cor.test(index, x, method = "kendall", continuity = TRUE))
    z <- cor.test(index, x, method = "kendall", exact = FALSE, continuity = TRUE)$statistic
    compare("Kendall's tau", row$kendall_tau, r$estimate, 4)
    compare("Kendall's z", row$kendall_z, z, 4)
    compare("p of Kendall's tau", row$kendall_p, floored(r$p.value), 6)
    slopes <- outer(x, x, "-") / outer(index, index, "-")
    compare("Theil-Sen slope", row$slope, median(slopes[lower.tri(slopes)]), 6)
    s <- stl(ts(x, frequency = 12), "periodic", robust = TRUE)
    mine <- parts[parts$brand == row$brand & parts$channel == row$channel & parts$figure == row$figure, ]
    compare("stl", as.vector(as.matrix(mine[c("seasonal", "trend", "remainder")])), as.vector(s$time.series), 4)
}
compare("BH of trends", trends$trend_p_adjusted, floored(p.adjust(trends$trend_p, "BH")), 5)

failed <- FALSE
for (i in seq_along(differences)) {
    largest <- max(differences[[i]])
    good <- is.finite(largest) && largest <= 0.51 + 0.5 * (names(differences)[i] == "BH of trends")
    failed <- failed || !good
    cat(sprintf("%s %d - derived %s: as R says of the published tables in %d cases, largest difference %.2g of the last digit\n",
                if (good) "ok" else "not ok", i, names(differences)[i], length(differences[[i]]), largest))
}
unlink(dirname(folder), recursive = TRUE)
quit(status = as.integer(failed))
