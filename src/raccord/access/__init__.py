"""Who may see and do what: callers, grants, links, the materialised access to personal records, projection, the log."""
