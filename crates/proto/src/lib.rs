//! The operations of 微厅 (weiting) and 粉丝万岁 (fensi) as plain values: requests, answers, refusals.
