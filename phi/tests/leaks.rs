//! What the compiler refuses. Each file in `leaks/` is one way to let patient data out; each must fail to compile, and
//! with the recorded message, so that a typo does not pass for a wall.

#[test]
fn patient_data_has_no_way_out_that_compiles() {
    trybuild::TestCases::new().compile_fail("tests/leaks/*.rs");
}
