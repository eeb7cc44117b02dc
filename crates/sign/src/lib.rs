//! The MD5 signature of 粉丝万岁 (fensi): stamp in, signed stamp out, constant-time verification.
