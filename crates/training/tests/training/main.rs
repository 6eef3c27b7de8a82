//! Training as a whole: one binary, because linking it is what costs.

mod golden;
mod leak;
mod run;
mod shop;
