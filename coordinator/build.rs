//! Functions that came out the same are linked once: a tenth of the binary is generic code that did. Only where the toolchain's own linker
//! is the default, which knows how.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("TARGET").is_ok_and(|target| target == "x86_64-unknown-linux-gnu") {
        println!("cargo:rustc-link-arg-bins=-Wl,--icf=safe");
    }
}
