//! Client for 微厅 (weiting), Shanghai Telecom's micro-hall.
