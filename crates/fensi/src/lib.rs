//! Client for 粉丝万岁 (fensi), a fan-acquisition platform: signed calls and push parsing.
