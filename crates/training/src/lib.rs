//! Fits the teacher, distils the student, quantises it.
