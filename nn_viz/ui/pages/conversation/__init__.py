"""The conversation: a guided tour of eight stations, shown as a panel above the other pages."""
