// The one bind group that all kernels share. Twins of the structs, field by
// field and offset by offset: crates/device/src/gpu/layout.rs.

const CODE_DIM = 64u;
const N_SCALARS = 16u;
const N_STATIC = 3u;
const N_DYNAMIC = 13u;
const HIDDEN1 = 64u;
const HIDDEN2 = 32u;
const CANDIDATES_MAX = 512u;

struct Params {
    // Rows of the table.
    n_items: u32,
    // Candidates that are known before the scan.
    n_fixed: u32,
    // Candidates that the scan adds.
    n_scanned: u32,
    // n_fixed + n_scanned, at most CANDIDATES_MAX.
    n_candidates: u32,
    // The scan's query: 64 × i8, four to a word, lowest byte first.
    query: array<vec4<u32>, 4>,
}

struct Weights {
    // diag(u)·W_p · code scale, [64, 64]: of this ranking.
    folded: array<f32, 4096>,
    // u·W_u: of this ranking.
    user: array<f32, 64>,
    // W_s, rows of the dynamic scalars, [13, 64].
    scalars: array<f32, 832>,
    // [64, 32]
    layer2: array<f32, 2048>,
    bias2: array<f32, 32>,
    layer3: array<f32, 32>,
    linear: array<f32, 16>,
    bias3: f32,
}

struct Ranking {
    rows: array<u32, 512>,
    scores: array<f32, 512>,
}

@group(0) @binding(0) var<uniform> params: Params;
// Codes [n, 64] × i8, four to a word.
@group(0) @binding(1) var<storage, read> codes: array<u32>;
// One bit a row: set for rows that are candidates already.
@group(0) @binding(2) var<storage, read> excluded: array<u32>;
// Scan scores [n].
@group(0) @binding(3) var<storage, read_write> scan_scores: array<i32>;
// Item part of the first layer, [n, 64].
@group(0) @binding(4) var<storage, read> pre: array<f32>;
// Scalars [n, 16].
@group(0) @binding(5) var<storage, read> scalars: array<f32>;
@group(0) @binding(6) var<storage, read> weights: Weights;
@group(0) @binding(7) var<storage, read_write> ranking: Ranking;
