"""A reader of stories that answers by rules, and shares no state with the simulator."""
