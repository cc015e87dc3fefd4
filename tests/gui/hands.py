"""What a person does with the keyboard and the mouse: in a file dialog, in the setup, and with any control."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QDialogButtonBox, QFileDialog, QLineEdit


def press(qtbot, root, name):
    """Click a button that can be seen and used."""
    made = root.findChild(QAbstractButton, name)
    assert made.isVisible(), name
    assert made.isEnabled(), name
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton)


def show_details(root):
    """Have all that makes a run in sight, if it is not."""
    root.findChild(QAbstractButton, "setup_details").setChecked(True)


def choose_preset(qtbot, root, name):
    """Open the list of presets and click one."""
    root.findChild(QComboBox, "preset_picker").showPopup()
    press(qtbot, root, f"preset_{name}")
    assert not root.findChild(QAbstractButton, f"preset_{name}").isVisible()
    QApplication.processEvents()  # the window has the keyboard again


def name_file(root, sheet, path):
    """Type a path into the file dialog of that name, and accept it with its button."""
    dialog = root.findChild(QFileDialog, sheet)
    assert dialog.isVisible(), sheet
    dialog.findChild(QLineEdit, "fileNameEdit").setText(str(path))
    buttons = dialog.findChild(QDialogButtonBox)
    accept = QDialogButtonBox.ButtonRole.AcceptRole
    next(each for each in buttons.buttons() if buttons.buttonRole(each) is accept).click()
    assert not dialog.isVisible(), f"{sheet} did not take {path}"
