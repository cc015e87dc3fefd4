from engine.core.errors import CheckpointError, DataError, Fix, SettingError, TrainingError, UnderstudyError, nearest


def test_an_error_is_told_in_lines_without_those_that_are_empty():
    assert str(UnderstudyError("What.", cause="Why.", fix="Do.")) == "What.\nWhy.\nDo."
    assert str(UnderstudyError("What.", fix="Do.")) == "What.\nDo."


def test_the_command_line_exits_as_the_contract_says():
    codes = {kind: kind("What.").exit_code for kind in (TrainingError, SettingError, DataError, CheckpointError)}
    assert codes == {TrainingError: 1, SettingError: 2, DataError: 3, CheckpointError: 3}


def test_a_wrong_setting_says_which_and_keeps_all_else_of_an_error():
    fix = Fix("Use a New Folder", "restart", {"out_dir": ""})
    error = SettingError("What.", cause="Why.", fix="Do.", fixes=[fix], problems={"n_layer": "Too few."})
    assert (error.code, error.problems, error.fixes) == ("bad_setting", {"n_layer": "Too few."}, (fix,))
    assert (error.cause, error.fix) == ("Why.", "Do.")
    assert SettingError("What.", code="unknown_preset").code == "unknown_preset"


def test_the_nearest_name_is_offered_only_when_it_is_near():
    assert nearest("batch_sise", ["batch_size", "block_size"]) == " Did you mean batch_size?"
    assert nearest("zebra", ["batch_size"]) == ""
