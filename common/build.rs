//! The steps of the schema of `bus.db` are compiled in.
#[path = "src/schema_steps/compiled_in.rs"]
mod compiled_in;

fn main() -> std::io::Result<()> {
    compiled_in::list("migrations/bus")
}
