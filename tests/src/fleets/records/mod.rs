//! Records of a company, for the four ready-made models: employees (attrition, performance) and software tasks (duration, risk).

mod employees;
mod tasks;

pub use employees::Employees;
pub use tasks::Tasks;
