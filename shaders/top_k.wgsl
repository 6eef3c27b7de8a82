// The n_scanned rows with the best scan scores, best first, ties by lower row.
//
// Shapes:    scan_scores [n] i32 → ranking.rows[n_fixed .. n_fixed + n_scanned].
//            n_scanned is at most 512 and at most the number of rows that are
//            not excluded.
// Workgroup: one group of 256 threads; every thread walks every 256th row.
// Method:    a key is (score with its order reversed, row), smaller is better,
//            and no two are equal. Radix selection finds the n_scanned-th
//            smallest key, one byte a pass from the top; the keys up to it
//            (exactly n_scanned) are gathered and sorted by a bitonic network.
// Twin:      the selection of vitrine_student::scan::scan_top_k.

//#import bindings

const THREADS = 256u;
const N_BINS = 256u;
const N_PASSES = 8u;
const WORST = vec2<u32>(0xffffffffu, 0xffffffffu);

var<workgroup> histogram: array<atomic<u32>, 256>;
// The bytes of the n_scanned-th key found so far.
var<workgroup> bar: vec2<u32>;
// Which of the keys that share those bytes is looked for, from 1.
var<workgroup> wanted: u32;
var<workgroup> n_gathered: atomic<u32>;
var<workgroup> keys: array<vec2<u32>, 512>;

fn key_of(row: u32) -> vec2<u32> {
    return vec2<u32>(~(bitcast<u32>(scan_scores[row]) ^ 0x80000000u), row);
}

fn less(a: vec2<u32>, b: vec2<u32>) -> bool {
    return a.x < b.x || (a.x == b.x && a.y < b.y);
}

// Where the byte of a pass sits in its half of the key.
fn shift_of(radix_pass: u32) -> u32 {
    return 24u - 8u * (radix_pass % 4u);
}

// Whether the bytes before that of this pass are those of `bar`.
fn shares_prefix(key: vec2<u32>, radix_pass: u32) -> bool {
    // Shifting by 32 is not defined, so the first byte of a half is apart.
    let first_byte = radix_pass % 4u == 0u;
    let shift = select(shift_of(radix_pass) + 8u, 0u, first_byte);
    let high = (key.x >> shift) == (bar.x >> shift);
    let low = (key.y >> shift) == (bar.y >> shift);
    if radix_pass < 4u {
        return first_byte || high;
    }
    return key.x == bar.x && (first_byte || low);
}

fn byte_of(key: vec2<u32>, radix_pass: u32) -> u32 {
    let half = select(key.y, key.x, radix_pass < 4u);
    return (half >> shift_of(radix_pass)) & 0xffu;
}

// One thread: finds the byte at which the wanted key sits and notes it.
fn choose_byte(radix_pass: u32) {
    var byte = 0u;
    var left = wanted;
    for (; byte < N_BINS - 1u; byte++) {
        let count = atomicLoad(&histogram[byte]);
        if count >= left {
            break;
        }
        left -= count;
    }
    wanted = left;
    let bits = byte << shift_of(radix_pass);
    if radix_pass < 4u {
        bar.x |= bits;
    } else {
        bar.y |= bits;
    }
}

fn sort_keys(thread: u32) {
    for (var size = 2u; size <= CANDIDATES_MAX; size *= 2u) {
        for (var stride = size / 2u; stride > 0u; stride /= 2u) {
            workgroupBarrier();
            let low = 2u * thread - (thread & (stride - 1u));
            let high = low + stride;
            let a = keys[low];
            let b = keys[high];
            let ascending = (low & size) == 0u;
            if less(b, a) == ascending {
                keys[low] = b;
                keys[high] = a;
            }
        }
    }
    workgroupBarrier();
}

@compute @workgroup_size(256)
fn top_k(@builtin(local_invocation_index) thread: u32) {
    if thread == 0u {
        bar = vec2<u32>(0u, 0u);
        wanted = params.n_scanned;
        atomicStore(&n_gathered, 0u);
    }
    for (var radix_pass = 0u; radix_pass < N_PASSES; radix_pass++) {
        atomicStore(&histogram[thread], 0u);
        workgroupBarrier();
        for (var row = thread; row < params.n_items; row += THREADS) {
            let key = key_of(row);
            if shares_prefix(key, radix_pass) {
                atomicAdd(&histogram[byte_of(key, radix_pass)], 1u);
            }
        }
        workgroupBarrier();
        if thread == 0u {
            choose_byte(radix_pass);
        }
        workgroupBarrier();
    }
    keys[thread] = WORST;
    keys[thread + THREADS] = WORST;
    workgroupBarrier();
    for (var row = thread; row < params.n_items; row += THREADS) {
        let key = key_of(row);
        if !less(bar, key) {
            let slot = atomicAdd(&n_gathered, 1u);
            if slot < CANDIDATES_MAX {
                keys[slot] = key;
            }
        }
    }
    sort_keys(thread);
    for (var i = thread; i < params.n_scanned; i += THREADS) {
        ranking.rows[params.n_fixed + i] = keys[i].y;
    }
}
