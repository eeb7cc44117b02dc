//! A simulator of 微厅 (weiting) and 粉丝万岁 (fensi): a library for tests, a server for people.
