/* bounds FILE.lp < TARGETS: for each line of column names of a linear program (CPLEX format) the least and the greatest
 * that their sum can be, by GLPK, as glpsol would give them one at a time: "low high". An unbounded side is "inf". */
#include <float.h>
#include <glpk.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void clear_objective(glp_prob *program)
{
    for (int j = 0; j <= glp_get_num_cols(program); j++)
        glp_set_obj_coef(program, j, 0);
}

/* Returns 0 if a bound was printed. */
static int print_bound(glp_prob *program, int direction)
{
    glp_smcp parameters;
    glp_init_smcp(&parameters);
    parameters.msg_lev = GLP_MSG_OFF;
    glp_set_obj_dir(program, direction);
    int failed = glp_simplex(program, &parameters);
    if (failed || glp_get_status(program) != GLP_OPT) {
        glp_adv_basis(program, 0);
        failed = glp_simplex(program, &parameters);
    }
    int status = glp_get_status(program);
    if (!failed && status == GLP_OPT)
        printf("%.9g%c", glp_get_obj_val(program), direction == GLP_MIN ? ' ' : '\n');
    else if (!failed && status == GLP_UNBND)
        printf("inf%c", direction == GLP_MIN ? ' ' : '\n');
    else
        return -1;
    return 0;
}

static int bound_target(glp_prob *program, char *line)
{
    char *rest = line, *name;
    clear_objective(program);
    while ((name = strsep(&rest, " \n"))) {
        int column = *name ? glp_find_col(program, name) : 0;
        if (*name && !column) {
            fprintf(stderr, "bounds: no column '%s'\n", name);
            return -1;
        }
        if (column)
            glp_set_obj_coef(program, column, 1);
    }
    return print_bound(program, GLP_MIN) || print_bound(program, GLP_MAX);
}

int main(int argc, char **argv)
{
    char *line = NULL;
    size_t capacity = 0;
    int failed = 0;
    glp_term_out(GLP_OFF);
    glp_prob *program = glp_create_prob();
    if (argc != 2 || glp_read_lp(program, NULL, argv[1])) {
        fprintf(stderr, "usage: bounds FILE.lp < TARGETS\n");
        return 64;
    }
    glp_create_index(program);
    glp_adv_basis(program, 0);
    while (!failed && getline(&line, &capacity, stdin) >= 0)
        failed = bound_target(program, line);
    free(line);
    glp_delete_prob(program);
    glp_free_env();
    return failed ? 70 : 0;
}
