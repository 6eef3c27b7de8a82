//! A second factor: codes of an authenticator app, and recovery codes for who lost it.

mod code;
mod enrol;
mod recovery;

pub use code::{SecondFactor, TOTP_STEP_SECONDS};
pub use enrol::TotpEnrolment;
pub use recovery::RECOVERY_CODES;

pub(crate) use code::{is_needed, take};
