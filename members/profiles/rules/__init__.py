"""Pure rules about people: how they are named, reached and recognised. No database, no clock."""
