"""The ways in which solvers and their bindings fail, each with the test that holds it off."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HELD_OFF = {
    "not a number in a goal": "test_an_odd_weight_in_a_goal_is_refused",
    "not a number in a rule, dropped in silence": "test_one_odd_number_among_five_wards_is_refused_by_name",
    "infinite or huge coefficient: all rows dropped": "test_what_arrives_in_the_solver_is_compared_with_what_was_sent",
    "tiny coefficient, dropped with a warning": "test_what_arrives_in_the_solver_is_compared_with_what_was_sent",
    "not a number or infinite right-hand side": "test_an_odd_number_of_beds_is_refused",
    "limit so large that it counts as none": "test_an_odd_or_crossed_limit_of_a_variable_is_refused",
    "crossed limits": "test_an_odd_or_crossed_limit_of_a_variable_is_refused",
    "a point beside the status infeasible": "test_no_point_is_read_where_there_is_no_plan",
    "infeasible said once": "test_what_has_no_plan_is_confirmed_by_a_second_run",
    "infeasible said wrongly": "test_when_the_second_run_disagrees_no_plan_is_told_as_unconfirmed",
    "unbounded": "test_a_goal_that_falls_without_end_is_an_error_of_ours",
    "time limit with a plan": "test_a_time_limit_gives_the_best_plan_with_its_gap_and_is_never_called_optimal",
    "time limit without a plan: zeros for one": "test_at_the_time_limit_without_a_plan_zeros_are_not_taken_for_one",
    "values of an earlier solve": "test_a_plan_that_is_damaged_or_breaks_the_model_is_never_passed_on",
    "empty model": "test_a_model_without_goals_or_variables_is_refused",
    "empty rule that cannot hold": "test_a_rule_that_cannot_hold_whatever_is_decided_is_refused_by_name",
    "no goal": "test_a_model_without_goals_or_variables_is_refused",
    "too many goals": "test_more_goals_than_slacks_are_refused",
    "drifting whole numbers": "test_whole_numbers_come_out_whole",
    "large numbers in switches": "test_a_switch_with_a_large_number_is_answered_rightly_or_refused",
    "a wrong optimum from presolve": "test_a_presolve_that_once_answered_15_for_9_answers_rightly",
    "wrong answers in general": "test_small_whole_plans_are_the_best_and_their_bounds_are_true",
    "Ctrl-C": "test_ctrl_c_at_the_terminal_reaches_the_program_not_the_solver_and_the_plan_is_kept",
    "Ctrl-C, not asked for": "test_ctrl_c_in_a_program_that_does_not_ask_ends_its_solver_too",
    "cancelling": "test_cancelling_keeps_the_best_plan_and_ends_at_once",
    "an error in a callback": "test_an_error_in_a_callback_comes_out_and_is_not_swallowed",
    "two solves in one process": "test_solves_in_two_threads_at_once_do_not_disturb_each_other",
    "threads changed between solves": "test_every_solver_runs_in_one_thread_with_gaps_of_nought_and_tight_tolerance",
    "forked solver": "test_every_solve_is_a_fresh_process_never_a_fork_of_ours",
    "segmentation fault": "test_a_solver_process_that_goes_wrong_is_classified_and_gives_no_plan",
    "one crash that spoils the next solve":
        "test_a_solver_killed_from_outside_is_told_as_crashed_five_times_and_the_next_one_is_fine",
    "memory": "test_a_model_too_large_for_its_memory_is_told_as_such",
    "an orphan": "test_the_sudden_death_of_the_program_leaves_no_solver_behind",
    "another plan each time": "test_counted_work_ends_a_search_and_the_same_plan_comes_again",
    "oracle and solver in one process": "test_no_module_of_the_product_imports_the_oracle",
    "an option nobody took": "test_an_option_the_solver_does_not_take_is_a_fault",
    "a slow start": "test_the_solver_process_loads_neither_the_modelling_tools_nor_the_oracle",
    "a limit that is not kept": "test_the_real_grace_is_five_seconds_or_a_fifth",
    "a search that does not keep its limit": "test_a_parity_without_an_answer_ends_in_time_and_gives_no_plan",
    "a full disk": "test_a_full_disk_during_the_solve_is_classified",
}  # fmt: skip


@pytest.fixture(scope="module")
def tests() -> set[str]:
    files = sorted(Path(__file__).parent.glob("test_*.py"))
    return {name for file in files for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.M)}


@pytest.mark.parametrize("way", HELD_OFF)
def test_every_known_way_to_fail_has_its_test(tests, way):
    assert HELD_OFF[way] in tests
