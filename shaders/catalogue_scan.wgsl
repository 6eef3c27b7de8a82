// Exact dot product of the query with the code of every row.
//
// Shapes:    codes [n, 64] i8, query [64] i8 → scan_scores [n] i32; rows that
//            are candidates already get the lowest i32, which no product reaches.
// Workgroup: 256 threads, one row a thread, ⌈n / 256⌉ groups.
// Twin:      vitrine_student::kernels::scores_i8.

//#import bindings
//#import packed_i8

@compute @workgroup_size(256)
fn catalogue_scan(@builtin(global_invocation_id) id: vec3<u32>) {
    let row = id.x;
    if row >= params.n_items {
        return;
    }
    if ((excluded[row / 32u] >> (row % 32u)) & 1u) == 1u {
        scan_scores[row] = -2147483647i - 1i;
        return;
    }
    var sum = 0i;
    for (var i = 0u; i < 4u; i++) {
        let query = params.query[i];
        let at = row * (CODE_DIM / 4u) + i * 4u;
        sum += dot_i8(codes[at], query.x);
        sum += dot_i8(codes[at + 1u], query.y);
        sum += dot_i8(codes[at + 2u], query.z);
        sum += dot_i8(codes[at + 3u], query.w);
    }
    scan_scores[row] = sum;
}
