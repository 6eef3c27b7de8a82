//! Training as a whole: one binary, because linking it is what costs.

mod base;
mod device;
mod golden;
mod golden_models;
mod last_layer;
mod leak;
mod run;
mod shop;
mod teacher;
