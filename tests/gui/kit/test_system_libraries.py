from gui.kit.system_libraries import missing_libraries, packages_of


def test_missing_libraries_are_told_by_their_packages():
    assert packages_of(["libgthread-2.0.so.0", "libglib-2.0.so.0", "libEGL.so.1"]) == ["libegl1", "libglib2.0-0"]
    assert packages_of(["libodd.so.9"]) == ["libodd.so.9"]


def test_no_library_is_missing_where_the_window_is_tested():
    assert missing_libraries() == []
