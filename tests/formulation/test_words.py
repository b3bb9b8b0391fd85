"""Every rule of the shipped models is said in Swedish and in English."""

import pytest

from nspl_opt.formulation.catalogue import describe, list_models, load_model
from nspl_opt.plan.words import Words


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_rule_of_a_shipped_model_has_words_in_both_languages(language):
    rules = {rule.name for name in list_models() for part in describe(load_model(name)) for rule in part.rules}
    assert "transports.duty" in rules and "beds.capacity" in rules
    written = {name for name in rules if "." in name}
    assert [n for n in sorted(written) if Words(language).known("rule", n.replace(".", "_"), "") == ""] == []
