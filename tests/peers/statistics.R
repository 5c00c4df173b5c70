# Cross-checks the statistics with base R on random input: Rscript statistics.R build/release/peers/method
# Prints, per statistic, how many cases were compared and the largest difference, relative to max(1, |R's value|).
program <- commandArgs(trailingOnly = TRUE)[1]
set.seed(20260131)
jobs <- character()
checks <- list()

text <- function(v) paste(ifelse(is.na(v), "NA", sprintf("%.17g", v)), collapse = " ")
vector_text <- function(v) if (length(v)) paste(length(v), text(v)) else "0"
series_text <- function(v, season = 1) paste(season, vector_text(v))
table_text <- function(m) paste(nrow(m), vector_text(as.vector(t(m))))
# `expected`: what R says; the answer's numbers, picked by `pick`, must equal it.
add <- function(name, job, expected, pick = seq_along(expected)) {
    jobs[length(jobs) + 1] <<- job
    checks[[length(checks) + 1]] <<- list(name = name, expected = as.numeric(expected), pick = pick)
}

random_series <- function(n, season) {
    kind <- sample(4, 1)
    x <- 100 + cumsum(rnorm(n, 0, runif(1, 0, 2))) + 10 * sin(2 * pi * seq_len(n) / season) + rnorm(n, 0, runif(1, 0.1, 5))
    if (kind == 2) x <- round(x)                           # ties
    if (kind == 3) x[sample(n, max(1, n %/% 20))] <- 300   # outliers
    if (kind == 4) x <- x / 1e4
    x
}

decompositions <- function() {
    season <- sample(c(4, 7, 12), 1)
    n <- sample((2 * season + 1):(9 * season), 1)
    window <- sample(c(0, 7, 13, 35), 1)
    robust <- sample(c(TRUE, FALSE), 1)
    if (robust) n <- n + 1 - n %% 2 # for even n R's partial sort is given its places in descending order and misses the median
    x <- random_series(n, season)
    r <- stl(ts(x, frequency = season), s.window = if (window) window else "periodic", robust = robust)
    add(if (robust) "stl, robust" else "stl", paste("stl", window, as.integer(robust), series_text(x, season)),
        c(r$time.series, r$weights))
    kind <- sample(0:1, 1)
    d <- decompose(ts(x, frequency = season), type = c("additive", "multiplicative")[kind + 1])
    inner <- which(!is.na(d$trend))
    add("decompose", paste("decompose", kind, series_text(x, season)), c(d$figure, d$trend[inner]),
        c(seq_len(season), season + inner))
}

# R fits parameters; with these and R's start values our run must end in R's states.
smoothing <- function() {
    season <- sample(c(1, 4, 12), 1)
    x <- ts(random_series(sample((3 * season + 8):(8 * season + 8), 1), max(season, 4)), frequency = season)
    r <- tryCatch(suppressWarnings(if (season == 1) HoltWinters(x, gamma = FALSE) else HoltWinters(x)),
                  error = function(e) NULL)
    if (is.null(r)) return()
    if (season == 1) {
        first <- 3; state <- c(x[2], x[2] - x[1]); seasonal <- numeric(); gamma <- 0
    } else {
        start <- decompose(ts(x[seq_len(2 * season)], frequency = season))
        t <- as.vector(na.omit(start$trend))
        first <- season + 1; state <- coef(lm(t ~ seq_along(t))); seasonal <- start$figure; gamma <- r$gamma
    }
    add("HoltWinters", paste("holt_winters", text(c(r$alpha, r$beta, gamma, 1, state)), vector_text(seasonal),
                             series_text(x[first:length(x)], season)), c(r$SSE, r$coefficients))
}

# Without smoothing the forecast is a regression: lm() knows its mean and variance.
regression <- function() {
    season <- sample(c(4, 12), 1)
    y <- random_series(sample((2 * season + 8):(8 * season), 1), season)
    n <- length(y); d <- data.frame(t = seq_len(n + 6), s = factor((seq_len(n + 6) - 1) %% season))
    p <- predict(lm(y ~ t + s, cbind(y = y, d[1:n, ])), d[n + 1:6, ], se.fit = TRUE)
    add("predict(lm)", paste("regress 0 0 0 1 6", series_text(y, season)),
        c(p$residual.scale^2 * p$df, p$df, p$fit, 1 + (p$se.fit / p$residual.scale)^2))
}

contingency <- function() {
    d <- sample(2:6, 2, TRUE)
    m <- matrix(rpois(prod(d), runif(1, 3, 60)) + 1, d[1])
    r <- suppressWarnings(chisq.test(m, correct = FALSE))
    yates <- if (all(d == 2)) suppressWarnings(chisq.test(m)) else NULL
    add("chisq.test", paste("chi_square", table_text(m)),
        c(r$statistic, r$parameter, r$p.value, yates$statistic, yates$p.value))
    add("chisq.test residuals", paste("residuals", table_text(m)), as.vector(t(r$stdres)))
    n <- sum(m) * (min(d) - 1); x <- unname(r$statistic); df <- unname(r$parameter); v <- sqrt(x / n)
    invert <- function(p) if (pchisq(x, df) <= p) 0 else
        uniroot(function(l) pchisq(x, df, l) - p, c(0, x + 20 * sqrt(x) + 200), tol = 1e-12)$root
    add("Cramer V interval", paste("cramer", table_text(m)),
        c(v, min(v, sqrt(invert(0.975) / n)), min(1, max(v, sqrt(invert(0.025) / n)))))
    q <- c(runif(1, 0, 80), sample(1:30, 1), runif(1, 0, 70))
    add("pchisq(ncp)", paste("noncentral", text(q)), pchisq(q[1], q[2], q[3]))
}

# The exact p of a 2 x 2 table by enumeration, against 20,000 random tables.
permutations <- function() {
    m <- matrix(rpois(4, 4) + 1, 2)
    a <- max(0, sum(m[1, ]) - sum(m[, 2])):min(sum(m[1, ]), sum(m[, 1]))
    e <- sum(m[1, ]) * sum(m[, 1]) / sum(m)
    far <- abs(a - e) >= abs(m[1, 1] - e) - 1e-9
    add("permutation test", paste("permutation 20000", table_text(m)),
        sum(dhyper(a, sum(m[, 1]), sum(m[, 2]), sum(m[1, ]))[far]))
}

strata <- function() {
    d <- c(if (runif(1) < .5) c(2, 2) else sample(2:4, 2, TRUE), sample(2:8, 1))
    a <- array(rpois(prod(d), runif(1, 2, 30)) + 1, d)
    r <- mantelhaen.test(a, correct = FALSE)
    counts <- unlist(lapply(seq_len(d[3]), function(k) as.vector(t(a[, , k]))))
    add("mantelhaen.test", paste("mantel_haenszel", d[3], d[1], vector_text(counts)),
        c(r$statistic, r$parameter, r$p.value, r$estimate))
}

samples <- function() {
    n <- sample(5:500, 2); s <- rbinom(2, n, runif(1, 0.02, 0.98))
    r <- suppressWarnings(prop.test(s, n, correct = FALSE))
    if (!is.nan(r$statistic))
        add("prop.test", paste("two_proportions", text(c(s[1], n[1], s[2], n[2]))), c(r$statistic, r$p.value))
    add("prop.test, one share", paste("wilson", s[1], n[1]), suppressWarnings(prop.test(s[1], n[1], correct = FALSE))$conf.int)
    groups <- sample(2:5, 1)
    g <- c(seq_len(groups), sample(groups, 40, TRUE)) - 1
    v <- round(rnorm(length(g), g / 3), sample(0:3, 1))
    r <- kruskal.test(v, g)
    add("kruskal.test", paste("kruskal", groups, vector_text(g), vector_text(v)), c(r$statistic, r$parameter, r$p.value))
    x <- rnorm(sample(2:60, 1)); y <- rnorm(sample(2:60, 1), runif(1), 3)
    r <- t.test(x, y)
    add("t.test", paste("welch", vector_text(x), vector_text(y)), c(r$statistic, r$parameter, r$p.value, r$conf.int))
    p <- runif(sample(1:60, 1))^3
    add("p.adjust", paste("bh", vector_text(p)), p.adjust(p, "BH"))
}

upper <- function(m) m[upper.tri(m)]
pairs <- function(x, by = function(a, b) b - a) upper(outer(x, x, by))
tie_variance <- function(x) {
    n <- length(x); t <- table(x)
    (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5))) / 18
}

trends <- function() {
    n <- sample(4:120, 1); k <- seq_len(n) - 1
    x <- random_series(n, 12)
    r <- suppressWarnings(cor.test(k, x, method = "kendall", continuity = TRUE))
    z <- cor.test(k, x, method = "kendall", exact = FALSE, continuity = TRUE)$statistic
    add("cor.test(kendall)", paste("mann_kendall", series_text(x)), c(sum(sign(pairs(x))), z, r$p.value, r$estimate))
    gaps <- x; gaps[sample(n, n %/% 10)] <- NA
    there <- which(!is.na(gaps)); slope <- median(pairs(gaps[there]) / pairs(there))
    add("Theil-Sen", paste("theil_sen", series_text(gaps)), c(slope, median(gaps[there] - slope * (there - 1))))
    u <- abs(sapply(seq_len(n - 1), function(t) sum(sign(outer(x[1:t], x[(t + 1):n], "-")))))
    add("Pettitt", paste("pettitt", series_text(x)), c(max(u), min(1, 2 * exp(-6 * max(u)^2 / (n^3 + n^2))), which.max(u) - 1))
    s <- max(abs(cumsum(x - mean(x)))); d <- s / (sd(x) * sqrt(n))
    add("CUSUM", paste("cusum", series_text(x)), c(s, min(1, 2 * sum((-1)^(0:999) * exp(-2 * (1:1000)^2 * d^2)))))
    add("mean, sd, quantile", paste("summary", series_text(x)), c(mean(x), sd(x), quantile(x, c(.25, .5, .75))))
    lags <- min(n - 1, 20)
    add("acf", paste("acf", lags, vector_text(x)), acf(x, lags, plot = FALSE)$acf[-1])
    if (n >= 24) seasonal(x)
    if (n >= 10) autocorrelated(x)
}

seasonal <- function(x) {
    by <- split(x, (seq_along(x) - 1) %% 12); at <- split(seq_along(x), (seq_along(x) - 1) %% 12)
    s <- sum(sapply(by, function(v) sum(sign(pairs(v))))); v <- sum(sapply(by, tie_variance))
    z <- (s - sign(s)) / sqrt(v)
    add("seasonal Kendall", paste("seasonal_kendall", series_text(x, 12)),
        c(s, v, z, min(1, 2 * pnorm(-abs(z))), median(unlist(Map(function(v, t) pairs(v) / pairs(t), by, at)))))
}

autocorrelated <- function(x) {
    n <- length(x); k <- seq_len(n) - 1
    rest <- x - median(pairs(x) / pairs(k)) * k
    if (any(rank(rest) != rank(signif(rest, 12)))) return() # ties that only rounding makes or breaks
    rho <- acf(rank(rest), n - 1, plot = FALSE)$acf[-1]
    left <- n - seq_len(n - 1)
    add("Hamed-Rao factor", paste("hamed_rao", series_text(x)), 1 + 2 / (n * (n - 1) * (n - 2)) *
        sum((left * (left - 1) * (left - 2) * rho)[abs(rho) > qnorm(.975) / sqrt(n)]))
}

for (i in 1:300) {
    decompositions(); smoothing(); contingency(); strata(); samples(); trends()
    if (i <= 100) { permutations(); regression() }
}

answers <- strsplit(trimws(system2(program, input = jobs, stdout = TRUE)), " +")
stopifnot(length(answers) == length(jobs))
difference <- mapply(function(check, answer) {
    got <- suppressWarnings(as.numeric(answer))[check$pick]
    if (anyNA(got)) Inf else max(abs(got - check$expected) / pmax(1, abs(check$expected)))
}, checks, answers)
names <- vapply(checks, `[[`, "", "name")
# What is allowed: rounding; uniroot's and pchisq(ncp)'s own errors; chance for the permutations (5 standard errors).
limits <- c("permutation test" = 0.018, "Cramer V interval" = 1e-6, "pchisq(ncp)" = 1e-10)
allowed <- ifelse(names %in% names(limits), limits[names], 1e-9)
for (name in unique(names)) {
    mine <- names == name
    cat(sprintf("%s %d - %s: as R in %d cases, largest difference %.2g\n", if (all((difference <= allowed)[mine])) "ok" else "not ok",
                match(name, unique(names)), name, sum(mine), max(difference[mine])))
    for (i in head(which(mine & difference > allowed), 2)) cat("#", jobs[i], "\n#", answers[[i]], "\n#", checks[[i]]$expected, "\n")
}
quit(status = as.integer(any(difference > allowed)))
