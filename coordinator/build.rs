//! The steps of the database's schema are compiled in.
#[path = "../common/src/schema_steps/compiled_in.rs"]
mod compiled_in;

fn main() -> std::io::Result<()> {
    compiled_in::list("migrations")
}
