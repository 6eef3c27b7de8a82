// Scores of the candidates: the MLP over (u, code, u∘code, scalars).
//
// Shapes:    ranking.rows [m], pre [n, 64], codes [n, 64] i8, scalars [n, 16]
//            → ranking.scores [m]; m = n_candidates, at least 1.
// Workgroup: 64 threads for 4 candidates; a thread is a unit of the first
//            layer. ⌈m / 4⌉ groups. Threads past the end repeat the last
//            candidate and write nothing.
// Twin:      vitrine_student::score::score.

//#import bindings
//#import packed_i8

const TILE = 4u;

// Codes as numbers, [4, 64].
var<workgroup> values: array<f32, 256>;
// First layer, [4, 64].
var<workgroup> hidden: array<f32, 256>;
// Second layer, [4, 32].
var<workgroup> second: array<f32, 128>;

fn row_of(candidate: u32) -> u32 {
    return ranking.rows[min(candidate, params.n_candidates - 1u)];
}

fn first_layer(row: u32, r: u32, unit: u32) -> f32 {
    var sum = pre[row * HIDDEN1 + unit] + weights.user[unit];
    for (var i = 0u; i < CODE_DIM; i++) {
        sum += values[r * CODE_DIM + i] * weights.folded[i * HIDDEN1 + unit];
    }
    for (var s = 0u; s < N_DYNAMIC; s++) {
        sum += scalars[row * N_SCALARS + N_STATIC + s] * weights.scalars[s * HIDDEN1 + unit];
    }
    return max(sum, 0.0);
}

fn second_layer(r: u32, unit: u32) -> f32 {
    var sum = weights.bias2[unit];
    for (var i = 0u; i < HIDDEN1; i++) {
        sum += hidden[r * HIDDEN1 + i] * weights.layer2[i * HIDDEN2 + unit];
    }
    return max(sum, 0.0);
}

fn output(row: u32, r: u32) -> f32 {
    var sum = weights.bias3;
    for (var i = 0u; i < HIDDEN2; i++) {
        sum += second[r * HIDDEN2 + i] * weights.layer3[i];
    }
    for (var s = 0u; s < N_SCALARS; s++) {
        sum += scalars[row * N_SCALARS + s] * weights.linear[s];
    }
    return sum;
}

@compute @workgroup_size(64)
fn candidate_score(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let first = group.x * TILE;
    // 16 words of code for each of 4 candidates: one word a thread.
    let word = codes[row_of(first + thread / 16u) * (CODE_DIM / 4u) + thread % 16u];
    for (var byte = 0u; byte < 4u; byte++) {
        values[thread * 4u + byte] = f32(unpack_i8(word, byte));
    }
    workgroupBarrier();
    for (var r = 0u; r < TILE; r++) {
        hidden[r * HIDDEN1 + thread] = first_layer(row_of(first + r), r, thread);
    }
    workgroupBarrier();
    second[thread] = second_layer(thread / HIDDEN2, thread % HIDDEN2);
    let other = thread + 64u;
    second[other] = second_layer(other / HIDDEN2, other % HIDDEN2);
    workgroupBarrier();
    let candidate = first + thread;
    if thread < TILE && candidate < params.n_candidates {
        ranking.scores[candidate] = output(row_of(candidate), thread);
    }
}
