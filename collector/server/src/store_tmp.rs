pub(crate) fn kind_of(_e: &sqlx::Error) -> &'static str { "store" }
