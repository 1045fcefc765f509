"""The declarative adapter: one TOML text connects a publisher's ordinary REST API, in and out, without code."""
