"""What is asked of Apple's frameworks: every message and constant, in one place, to be held against Apple's headers.

`scripts/bundle/apple.py` holds each of them against what PyObjC took from the headers of the macOS SDK.
"""

from __future__ import annotations

from enum import Enum, IntEnum


class Message(Enum):
    """A method as Objective-C writes it, and its types: what comes back, then each argument, a letter each.

    v nothing, @ object, q NSInteger, Q NSUInteger, I 32 bits, Z BOOL, * C string, : selector. A method with a plus is
    the class's own.
    """

    RETAIN = "-[NSObject retain]", "@"
    RELEASE = "-[NSObject release]", "v"
    RESPONDS = "-[NSObject respondsToSelector:]", "Z:"
    STRING = "+[NSString stringWithUTF8String:]", "@*"
    TEXT = "-[NSString UTF8String]", "*"
    SET_VALUE = "-[NSMutableDictionary setObject:forKey:]", "v@@"

    PROCESS = "+[NSProcessInfo processInfo]", "@"
    THERMAL_STATE = "-[NSProcessInfo thermalState]", "q"
    BEGIN_ACTIVITY = "-[NSProcessInfo beginActivityWithOptions:reason:]", "@Q@"
    END_ACTIVITY = "-[NSProcessInfo endActivity:]", "v@"

    BUNDLE = "+[NSBundle mainBundle]", "@"
    INFO = "-[NSBundle infoDictionary]", "@"

    WORKSPACE = "+[NSWorkspace sharedWorkspace]", "@"
    REDUCES_MOTION = "-[NSWorkspace accessibilityDisplayShouldReduceMotion]", "Z"

    SCROLLER_STYLE = "+[NSScroller preferredScrollerStyle]", "q"

    APPLICATION = "+[NSApplication sharedApplication]", "@"
    SET_ACTIVATION_POLICY = "-[NSApplication setActivationPolicy:]", "Zq"
    MAIN_MENU = "-[NSApplication mainMenu]", "@"
    WINDOWS_MENU = "-[NSApplication windowsMenu]", "@"
    SET_WINDOWS_MENU = "-[NSApplication setWindowsMenu:]", "v@"
    ITEM_TITLED = "-[NSMenu itemWithTitle:]", "@@"
    SUBMENU = "-[NSMenuItem submenu]", "@"
    WINDOW = "-[NSView window]", "@"
    SET_EXCLUDED = "-[NSWindow setExcludedFromWindowsMenu:]", "vZ"

    SET_SERVICES_PROVIDER = "-[NSApplication setServicesProvider:]", "v@"
    STRING_OF_TYPE = "-[NSPasteboard stringForType:]", "@@"

    EVENT_MANAGER = "+[NSAppleEventManager sharedAppleEventManager]", "@"
    CURRENT_EVENT = "-[NSAppleEventManager currentAppleEvent]", "@"
    ATTRIBUTE = "-[NSAppleEventDescriptor attributeDescriptorForKeyword:]", "@I"
    PARAMETER = "-[NSAppleEventDescriptor paramDescriptorForKeyword:]", "@I"
    ENUM_CODE = "-[NSAppleEventDescriptor enumCodeValue]", "I"

    @property
    def receiver(self) -> str:
        """The class whose method it is."""
        return str(self.value[0][2:].partition(" ")[0])

    @property
    def selector(self) -> str:
        """Its selector."""
        return str(self.value[0].partition(" ")[2].rstrip("]"))

    @property
    def types(self) -> str:
        """The letter of what comes back, then those of the arguments."""
        return str(self.value[1])

    @property
    def of_class(self) -> bool:
        """Whether the class itself receives it, not an object of it."""
        return bool(self.value[0].startswith("+"))


class Constant(IntEnum):
    """A value of an enumeration, under Apple's own name."""

    NSActivityUserInitiatedAllowingIdleSystemSleep = 0x00EFFFFF
    NSProcessInfoThermalStateCritical = 3
    NSApplicationActivationPolicyRegular = 0
    NSApplicationActivationPolicyAccessory = 1
    NSScrollerStyleLegacy = 0


class EventCode(IntEnum):
    """A code of Apple events, four letters in a number: kAEQuitReason and three of its values, in AERegistry.h."""

    QUIT_REASON = int.from_bytes(b"why?", "big")
    SHUT_DOWN = int.from_bytes(b"shut", "big")
    RESTART = int.from_bytes(b"rest", "big")
    REALLY_LOG_OUT = int.from_bytes(b"rlgo", "big")
