mod api;
mod random;
#[path="store_tmp.rs"] mod store;
mod app { pub(crate) struct App; }
#[allow(clippy::print_stdout)]
fn main() { print!("{}", api::document()); }
