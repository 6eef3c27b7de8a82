//! Runs the student on a GPU through wgpu, checks it, and chooses the backend.
