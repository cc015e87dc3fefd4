"""What this machine is and can do: devices, what this torch offers, power, memory.

May use core.
"""
