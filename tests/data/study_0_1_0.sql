COPY version_info FROM stdin;
1	12	5.0.0
\.
COPY studies FROM stdin;
1	old
2	old-replay
\.
COPY study_directions FROM stdin;
1	MAXIMIZE	1	0
2	MAXIMIZE	2	0
\.
COPY study_user_attributes FROM stdin;
1	1	n_trials	4
2	1	definition	{"config": {"backend": "gymnasium", "task": "Pendulum-v1", "physics": null, "algorithm": "sac", "n_envs": 8, "budget": 2.0, "max_steps": 50000000, "n_eval_episodes": 8, "eval_seed": 20251, "deterministic": true, "action_bounds": null, "normalize": true, "report_every": 0.5, "objective": "return", "search_space": {"name": "sac", "algorithms": ["sac"], "dimensions": {"gamma": {"kind": "float", "low": 0.975, "high": 0.995, "log": false, "step": null, "choices": null, "hyperparameter": "gamma", "transform": "identity"}, "learning_rate": {"kind": "float", "low": 0.0003, "high": 0.003, "log": true, "step": null, "choices": null, "hyperparameter": "learning_rate", "transform": "identity"}, "ent_coef_init": {"kind": "float", "low": 0.01, "high": 1.0, "log": true, "step": null, "choices": null, "hyperparameter": "ent_coef", "transform": "auto-entropy"}, "batch_size_pow": {"kind": "int", "low": 6.0, "high": 7.0, "log": false, "step": null, "choices": null, "hyperparameter": "batch_size", "transform": "power-of-two"}, "net_arch_complexity": {"kind": "int", "low": 0.0, "high": 1.0, "log": false, "step": null, "choices": null, "hyperparameter": "policy_kwargs.net_arch", "transform": "network"}, "train_freq_pow": {"kind": "int", "low": 0.0, "high": 1.0, "log": false, "step": null, "choices": null, "hyperparameter": "train_freq", "transform": "power-of-two"}, "gradient_steps_pow": {"kind": "int", "low": 1.0, "high": 2.0, "log": false, "step": null, "choices": null, "hyperparameter": "gradient_steps", "transform": "power-of-two"}, "policy_delay_pow": {"kind": "int", "low": 0.0, "high": 2.0, "log": false, "step": null, "choices": null, "hyperparameter": "policy_delay", "transform": "power-of-two"}, "tau": {"kind": "float", "low": 0.001, "high": 0.05, "log": true, "step": null, "choices": null, "hyperparameter": "tau", "transform": "identity"}}, "fixed": {"buffer_size": 100000, "learning_starts": 800, "policy_kwargs": {"activation_fn": "elu", "optimizer_class": "adamw", "layer_norm": true}}}, "sampler": {"name": "cmaes", "population_size": 5}, "pruner": {"name": "none"}, "n_trials": 4, "baselines": []}, "optuna_major": 5, "replay_of": null, "hardware": "CPU Ryzen 9 (16 cores)"}
3	2	n_trials	0
4	2	definition	{"config": {"backend": "gymnasium", "task": "Pendulum-v1", "physics": null, "algorithm": "sac", "n_envs": 8, "budget": 2.0, "max_steps": 50000000, "n_eval_episodes": 8, "eval_seed": 20251, "deterministic": true, "action_bounds": null, "normalize": true, "report_every": 0.5, "objective": "return", "search_space": {"name": "sac", "algorithms": ["sac"], "dimensions": {"gamma": {"kind": "float", "low": 0.975, "high": 0.995, "log": false, "step": null, "choices": null, "hyperparameter": "gamma", "transform": "identity"}, "learning_rate": {"kind": "float", "low": 0.0003, "high": 0.003, "log": true, "step": null, "choices": null, "hyperparameter": "learning_rate", "transform": "identity"}, "ent_coef_init": {"kind": "float", "low": 0.01, "high": 1.0, "log": true, "step": null, "choices": null, "hyperparameter": "ent_coef", "transform": "auto-entropy"}, "batch_size_pow": {"kind": "int", "low": 6.0, "high": 7.0, "log": false, "step": null, "choices": null, "hyperparameter": "batch_size", "transform": "power-of-two"}, "net_arch_complexity": {"kind": "int", "low": 0.0, "high": 1.0, "log": false, "step": null, "choices": null, "hyperparameter": "policy_kwargs.net_arch", "transform": "network"}, "train_freq_pow": {"kind": "int", "low": 0.0, "high": 1.0, "log": false, "step": null, "choices": null, "hyperparameter": "train_freq", "transform": "power-of-two"}, "gradient_steps_pow": {"kind": "int", "low": 1.0, "high": 2.0, "log": false, "step": null, "choices": null, "hyperparameter": "gradient_steps", "transform": "power-of-two"}, "policy_delay_pow": {"kind": "int", "low": 0.0, "high": 2.0, "log": false, "step": null, "choices": null, "hyperparameter": "policy_delay", "transform": "power-of-two"}, "tau": {"kind": "float", "low": 0.001, "high": 0.05, "log": true, "step": null, "choices": null, "hyperparameter": "tau", "transform": "identity"}}, "fixed": {"buffer_size": 100000, "learning_starts": 800, "policy_kwargs": {"activation_fn": "elu", "optimizer_class": "adamw", "layer_norm": true}}}, "sampler": {"name": "cmaes", "population_size": 5}, "pruner": {"name": "none"}, "n_trials": 4, "baselines": []}, "optuna_major": 5, "replay_of": "old", "hardware": "CPU Ryzen 9 (16 cores)"}
\.
COPY study_system_attributes FROM stdin;
1	1	study:metric_names	["mean return"]
2	1	dashboard:1:note_ver	1
3	1	dashboard:1:note_str:0	"```yaml\\nbuffer_size: 100000\\nlearning_starts: 800\\npolicy_kwargs:\\n  activation_fn: elu\\n  optimizer_class: adamw\\n  layer_norm: true\\n  net_arch: [128, 128, 128]\\ngamma: 0.9904103200621291\\nlearning_rate: 0.0008842521362280758\\nent_coef: auto_0.22528571055462016\\nbatch_size: 128\\npolicy: MlpPolicy\\ntrain_freq: 1\\ngradient_steps: 4\\npolicy_delay: 2\\ntau: 0.010432205400141973\\n```\\n"
4	1	dashboard:2:note_ver	1
5	1	dashboard:2:note_str:0	"```yaml\\nbuffer_size: 100000\\nlearning_starts: 800\\npolicy_kwargs:\\n  activation_fn: elu\\n  optimizer_class: adamw\\n  layer_norm: true\\n  net_arch: [256, 256]\\ngamma: 0.9839418213624505\\nlearning_rate: 0.0011232574794868447\\nent_coef: auto_0.16323692931570524\\nbatch_size: 64\\npolicy: MlpPolicy\\ntrain_freq: 1\\ngradient_steps: 4\\npolicy_delay: 4\\ntau: 0.004464424451834422\\n```\\n"
6	1	dashboard:3:note_ver	1
7	1	dashboard:3:note_str:0	"```yaml\\nbuffer_size: 100000\\nlearning_starts: 800\\npolicy_kwargs:\\n  activation_fn: elu\\n  optimizer_class: adamw\\n  layer_norm: true\\n  net_arch: [256, 256]\\ngamma: 0.9906425812556566\\nlearning_rate: 0.0010158352702293455\\nent_coef: auto_0.16781108071698522\\nbatch_size: 64\\npolicy: MlpPolicy\\ntrain_freq: 1\\ngradient_steps: 2\\npolicy_delay: 4\\ntau: 0.005315118443581354\\n```\\n"
8	1	dashboard:4:note_ver	1
9	1	dashboard:4:note_str:0	"```yaml\\nbuffer_size: 100000\\nlearning_starts: 800\\npolicy_kwargs:\\n  activation_fn: elu\\n  optimizer_class: adamw\\n  layer_norm: true\\n  net_arch: [256, 256]\\ngamma: 0.9850091427093647\\nlearning_rate: 0.0008892417494041674\\nent_coef: auto_0.05346980186522437\\nbatch_size: 64\\npolicy: MlpPolicy\\ntrain_freq: 1\\ngradient_steps: 4\\npolicy_delay: 2\\ntau: 0.008364242605016387\\n```\\n"
10	2	study:metric_names	["mean return"]
11	2	dashboard:5:note_ver	1
12	2	dashboard:5:note_str:0	"```yaml\\nbuffer_size: 100000\\nlearning_starts: 800\\npolicy_kwargs:\\n  activation_fn: elu\\n  optimizer_class: adamw\\n  layer_norm: true\\n  net_arch: [128, 128, 128]\\ngamma: 0.9904103200621291\\nlearning_rate: 0.0008842521362280758\\nent_coef: auto_0.22528571055462016\\nbatch_size: 128\\npolicy: MlpPolicy\\ntrain_freq: 1\\ngradient_steps: 4\\npolicy_delay: 2\\ntau: 0.010432205400141973\\n```\\n"
13	2	dashboard:6:note_ver	1
14	2	dashboard:6:note_str:0	"```yaml\\nbuffer_size: 100000\\nlearning_starts: 800\\npolicy_kwargs:\\n  activation_fn: elu\\n  optimizer_class: adamw\\n  layer_norm: true\\n  net_arch: [256, 256]\\ngamma: 0.9850091427093647\\nlearning_rate: 0.0008892417494041674\\nent_coef: auto_0.05346980186522437\\nbatch_size: 64\\npolicy: MlpPolicy\\ntrain_freq: 1\\ngradient_steps: 4\\npolicy_delay: 2\\ntau: 0.008364242605016387\\n```\\n"
15	2	dashboard:7:note_ver	1
16	2	dashboard:7:note_str:0	"```yaml\\nbuffer_size: 100000\\nlearning_starts: 800\\npolicy_kwargs:\\n  activation_fn: elu\\n  optimizer_class: adamw\\n  layer_norm: true\\n  net_arch: [128, 128, 128]\\ngamma: 0.9904103200621291\\nlearning_rate: 0.0008842521362280758\\nent_coef: auto_0.22528571055462016\\nbatch_size: 128\\npolicy: MlpPolicy\\ntrain_freq: 1\\ngradient_steps: 4\\npolicy_delay: 2\\ntau: 0.010432205400141973\\n```\\n"
17	2	dashboard:8:note_ver	1
18	2	dashboard:8:note_str:0	"```yaml\\nbuffer_size: 100000\\nlearning_starts: 800\\npolicy_kwargs:\\n  activation_fn: elu\\n  optimizer_class: adamw\\n  layer_norm: true\\n  net_arch: [256, 256]\\ngamma: 0.9850091427093647\\nlearning_rate: 0.0008892417494041674\\nent_coef: auto_0.05346980186522437\\nbatch_size: 64\\npolicy: MlpPolicy\\ntrain_freq: 1\\ngradient_steps: 4\\npolicy_delay: 2\\ntau: 0.008364242605016387\\n```\\n"
\.
COPY trials FROM stdin;
1	0	1	COMPLETE	2026-11-25 22:17:55.732979	2026-11-25 22:18:14.554987
2	1	1	COMPLETE	2026-11-25 22:18:14.600634	2026-11-25 22:18:27.429153
3	2	1	COMPLETE	2026-11-25 22:18:27.481672	2026-11-25 22:18:34.570862
4	3	1	COMPLETE	2026-11-25 22:18:34.642025	2026-11-25 22:18:37.835429
5	0	2	COMPLETE	2026-11-25 22:18:52.560438	2026-11-25 22:18:58.108417
6	1	2	COMPLETE	2026-11-25 22:18:58.148869	2026-11-25 22:19:02.741282
7	2	2	COMPLETE	2026-11-25 22:19:02.784828	2026-11-25 22:19:05.565111
8	3	2	COMPLETE	2026-11-25 22:19:05.601204	2026-11-25 22:19:08.433364
\.
COPY trial_user_attributes FROM stdin;
1	1	seed	2083280374
2	1	buffer_size	100000
3	1	learning_starts	800
4	1	gamma	0.9904103200621291
5	1	learning_rate	0.0008842521362280758
6	1	ent_coef	"auto_0.22528571055462016"
7	1	batch_size	128
8	1	policy	"MlpPolicy"
9	1	train_freq	1
10	1	gradient_steps	4
11	1	policy_delay	2
12	1	tau	0.010432205400141973
13	1	activation_fn	"elu"
14	1	optimizer_class	"adamw"
15	1	layer_norm	true
16	1	net_arch	[128, 128, 128]
17	1	replay_ratio	0.5
18	1	hardware	"CPU Ryzen 9 (16 cores)"
19	1	hardware_shared	false
20	1	log	"/home/anna/.local/share/hpo/logs/worker-vm-18896.log"
21	1	host	"robot-1"
22	1	worker_pid	18896
23	1	git_commit	"5603a9514910b2e0c0adb2fd82f39defcdce67a5"
24	1	versions	{"python": "3.12.1", "hpo": "0.1.0", "optuna": "5.0.0", "cmaes": "0.13.1", "sbx-rl": "0.28.0", "stable-baselines3": "2.9.2", "jax": "0.11.2", "jaxlib": "0.11.2", "flax": "0.12.12", "optax": "0.2.8", "gymnasium": "1.4.0", "numpy": "2.5.5", "torch": "2.11.0", "isaaclab": "3.0.0", "newton": "1.6.1", "warp-lang": "1.17.0"}
25	1	mean_return	-1276.988037109375
26	1	std_return	121.33820343017578
27	1	iqm_return	-1266.49609375
28	1	n_episodes	8
29	1	mean_episode_length	200.0
30	1	timeout_rate	1.0
31	1	success_rate	null
32	1	num_timesteps	1744
33	1	total_gradient_steps	468
34	1	steps_per_s	860.4856615195135
35	1	gradient_steps_per_s	230.91014311418138
36	1	startup_s	0.0011540929990587756
37	1	warmup_s	13.989605572998698
38	1	training_s	2.0267624180050916
39	1	overshoot_s	0.026762418005091604
40	1	evaluation_s	0.17321833300229628
41	1	warmup_compilations	20
42	1	budget_compilations	0
43	1	device	"cpu"
44	1	curriculum_level	null
45	1	reached_s	null
46	1	diverged	false
47	1	learning_curve	[[0.51, 976, null], [1.0, 1272, null], [1.51, 1536, null], [2.02, 1744, -1415.5826416015625], [2.03, 1744, -1415.5826416015625]]
48	2	seed	1528495664
49	2	buffer_size	100000
50	2	learning_starts	800
51	2	gamma	0.9839418213624505
52	2	learning_rate	0.0011232574794868447
53	2	ent_coef	"auto_0.16323692931570524"
54	2	batch_size	64
55	2	policy	"MlpPolicy"
56	2	train_freq	1
57	2	gradient_steps	4
58	2	policy_delay	4
59	2	tau	0.004464424451834422
60	2	activation_fn	"elu"
61	2	optimizer_class	"adamw"
62	2	layer_norm	true
63	2	net_arch	[256, 256]
64	2	replay_ratio	0.5
65	2	hardware	"CPU Ryzen 9 (16 cores)"
66	2	hardware_shared	false
67	2	log	"/home/anna/.local/share/hpo/logs/worker-vm-18896.log"
68	2	host	"robot-1"
69	2	worker_pid	18896
70	2	git_commit	"5603a9514910b2e0c0adb2fd82f39defcdce67a5"
71	2	versions	{"python": "3.12.1", "hpo": "0.1.0", "optuna": "5.0.0", "cmaes": "0.13.1", "sbx-rl": "0.28.0", "stable-baselines3": "2.9.2", "jax": "0.11.2", "jaxlib": "0.11.2", "flax": "0.12.12", "optax": "0.2.8", "gymnasium": "1.4.0", "numpy": "2.5.5", "torch": "2.11.0", "isaaclab": "3.0.0", "newton": "1.6.1", "warp-lang": "1.17.0"}
72	2	mean_return	-1546.14404296875
73	2	std_return	82.05622100830078
74	2	iqm_return	-1558.6763916015625
75	2	n_episodes	8
76	2	mean_episode_length	200.0
77	2	timeout_rate	1.0
78	2	success_rate	null
79	2	num_timesteps	2248
80	2	total_gradient_steps	720
81	2	steps_per_s	1119.562867273867
82	2	gradient_steps_per_s	358.57885428700365
83	2	startup_s	0.001295545996981673
84	2	warmup_s	9.567283867996593
85	2	training_s	2.007926545004011
86	2	overshoot_s	0.007926545004011132
87	2	evaluation_s	0.1409875169993029
88	2	warmup_compilations	7
89	2	budget_compilations	0
90	2	device	"cpu"
91	2	curriculum_level	null
92	2	reached_s	null
93	2	diverged	false
94	2	learning_curve	[[0.5, 1096, null], [1.0, 1432, null], [1.52, 1968, -1192.77099609375], [2.01, 2248, -1192.77099609375], [2.01, 2248, -1192.77099609375]]
95	3	seed	376713628
96	3	buffer_size	100000
97	3	learning_starts	800
98	3	gamma	0.9906425812556566
99	3	learning_rate	0.0010158352702293455
100	3	ent_coef	"auto_0.16781108071698522"
101	3	batch_size	64
102	3	policy	"MlpPolicy"
103	3	train_freq	1
104	3	gradient_steps	2
105	3	policy_delay	4
106	3	tau	0.005315118443581354
107	3	activation_fn	"elu"
108	3	optimizer_class	"adamw"
109	3	layer_norm	true
110	3	net_arch	[256, 256]
111	3	replay_ratio	0.25
112	3	hardware	"CPU Ryzen 9 (16 cores)"
113	3	hardware_shared	false
114	3	log	"/home/anna/.local/share/hpo/logs/worker-vm-18896.log"
115	3	host	"robot-1"
116	3	worker_pid	18896
117	3	git_commit	"5603a9514910b2e0c0adb2fd82f39defcdce67a5"
118	3	versions	{"python": "3.12.1", "hpo": "0.1.0", "optuna": "5.0.0", "cmaes": "0.13.1", "sbx-rl": "0.28.0", "stable-baselines3": "2.9.2", "jax": "0.11.2", "jaxlib": "0.11.2", "flax": "0.12.12", "optax": "0.2.8", "gymnasium": "1.4.0", "numpy": "2.5.5", "torch": "2.11.0", "isaaclab": "3.0.0", "newton": "1.6.1", "warp-lang": "1.17.0"}
119	3	mean_return	-1538.2216796875
120	3	std_return	86.25435638427734
121	3	iqm_return	-1548.5374755859375
122	3	n_episodes	8
123	3	mean_episode_length	200.0
124	3	timeout_rate	1.0
125	3	success_rate	null
126	3	num_timesteps	2664
127	3	total_gradient_steps	464
128	3	steps_per_s	1324.1164411020316
129	3	gradient_steps_per_s	230.62688763939286
130	3	startup_s	0.0012566570003400557
131	3	warmup_s	4.220211009000195
132	3	training_s	2.0119076520059025
133	3	overshoot_s	0.011907652005902492
134	3	evaluation_s	0.17222079500061227
135	3	warmup_compilations	1
136	3	budget_compilations	0
137	3	device	"cpu"
138	3	curriculum_level	null
139	3	reached_s	null
140	3	diverged	false
141	3	learning_curve	[[0.5, 1208, null], [1.0, 1656, -1025.3623046875], [1.5, 2104, -1025.3623046875], [2.01, 2664, -1025.3623046875], [2.01, 2664, -1025.3623046875]]
142	4	seed	1645798711
143	4	buffer_size	100000
144	4	learning_starts	800
145	4	gamma	0.9850091427093647
146	4	learning_rate	0.0008892417494041674
147	4	ent_coef	"auto_0.05346980186522437"
148	4	batch_size	64
149	4	policy	"MlpPolicy"
150	4	train_freq	1
151	4	gradient_steps	4
152	4	policy_delay	2
153	4	tau	0.008364242605016387
154	4	activation_fn	"elu"
155	4	optimizer_class	"adamw"
156	4	layer_norm	true
157	4	net_arch	[256, 256]
158	4	replay_ratio	0.5
159	4	hardware	"CPU Ryzen 9 (16 cores)"
160	4	hardware_shared	false
161	4	log	"/home/anna/.local/share/hpo/logs/worker-vm-18896.log"
162	4	host	"robot-1"
163	4	worker_pid	18896
164	4	git_commit	"5603a9514910b2e0c0adb2fd82f39defcdce67a5"
165	4	versions	{"python": "3.12.1", "hpo": "0.1.0", "optuna": "5.0.0", "cmaes": "0.13.1", "sbx-rl": "0.28.0", "stable-baselines3": "2.9.2", "jax": "0.11.2", "jaxlib": "0.11.2", "flax": "0.12.12", "optax": "0.2.8", "gymnasium": "1.4.0", "numpy": "2.5.5", "torch": "2.11.0", "isaaclab": "3.0.0", "newton": "1.6.1", "warp-lang": "1.17.0"}
166	4	mean_return	-1486.957275390625
167	4	std_return	41.17604064941406
168	4	iqm_return	-1499.7093505859375
169	4	n_episodes	8
170	4	mean_episode_length	200.0
171	4	timeout_rate	1.0
172	4	success_rate	null
173	4	num_timesteps	1792
174	4	total_gradient_steps	492
175	4	steps_per_s	892.337935684222
176	4	gradient_steps_per_s	244.994567163302
177	4	startup_s	0.001196436998725403
178	4	warmup_s	0.07402477100549731
179	4	training_s	2.0082077970000682
180	4	overshoot_s	0.00820779700006824
181	4	evaluation_s	0.11768852300156141
182	4	warmup_compilations	0
183	4	budget_compilations	0
184	4	device	"cpu"
185	4	curriculum_level	null
186	4	reached_s	null
187	4	diverged	false
188	4	learning_curve	[[0.52, 976, null], [1.01, 1192, null], [1.5, 1520, null], [2.0, 1792, -1173.0552978515625], [2.01, 1792, -1173.0552978515625]]
189	5	run_key	"b40d263f4b329f1c1d25"
190	5	run	{"candidate": "trial 0", "hyperparameters": {"buffer_size": 100000, "learning_starts": 800, "policy_kwargs": {"activation_fn": "elu", "optimizer_class": "adamw", "layer_norm": true, "net_arch": [128, 128, 128]}, "gamma": 0.9904103200621291, "learning_rate": 0.0008842521362280758, "ent_coef": "auto_0.22528571055462016", "batch_size": 128, "policy": "MlpPolicy", "train_freq": 1, "gradient_steps": 4, "policy_delay": 2, "tau": 0.010432205400141973}, "seed": 24922511, "changes": {}, "purpose": "replay", "floor": -1546.14404296875}
191	6	run_key	"e70b7a8626fd8f26ed34"
192	6	run	{"candidate": "trial 3", "hyperparameters": {"buffer_size": 100000, "learning_starts": 800, "policy_kwargs": {"activation_fn": "elu", "optimizer_class": "adamw", "layer_norm": true, "net_arch": [256, 256]}, "gamma": 0.9850091427093647, "learning_rate": 0.0008892417494041674, "ent_coef": "auto_0.05346980186522437", "batch_size": 64, "policy": "MlpPolicy", "train_freq": 1, "gradient_steps": 4, "policy_delay": 2, "tau": 0.008364242605016387}, "seed": 24922511, "changes": {}, "purpose": "replay", "floor": -1546.14404296875}
193	7	run_key	"bbfeba86cc987854fdba"
194	7	run	{"candidate": "trial 0", "hyperparameters": {"buffer_size": 100000, "learning_starts": 800, "policy_kwargs": {"activation_fn": "elu", "optimizer_class": "adamw", "layer_norm": true, "net_arch": [128, 128, 128]}, "gamma": 0.9904103200621291, "learning_rate": 0.0008842521362280758, "ent_coef": "auto_0.22528571055462016", "batch_size": 128, "policy": "MlpPolicy", "train_freq": 1, "gradient_steps": 4, "policy_delay": 2, "tau": 0.010432205400141973}, "seed": 997338914, "changes": {}, "purpose": "replay", "floor": -1546.14404296875}
195	8	run_key	"0fc21eac79bf09a30b88"
196	8	run	{"candidate": "trial 3", "hyperparameters": {"buffer_size": 100000, "learning_starts": 800, "policy_kwargs": {"activation_fn": "elu", "optimizer_class": "adamw", "layer_norm": true, "net_arch": [256, 256]}, "gamma": 0.9850091427093647, "learning_rate": 0.0008892417494041674, "ent_coef": "auto_0.05346980186522437", "batch_size": 64, "policy": "MlpPolicy", "train_freq": 1, "gradient_steps": 4, "policy_delay": 2, "tau": 0.008364242605016387}, "seed": 997338914, "changes": {}, "purpose": "replay", "floor": -1546.14404296875}
197	5	seed	24922511
198	5	buffer_size	100000
199	5	learning_starts	800
200	5	gamma	0.9904103200621291
201	5	learning_rate	0.0008842521362280758
202	5	ent_coef	"auto_0.22528571055462016"
203	5	batch_size	128
204	5	policy	"MlpPolicy"
205	5	train_freq	1
206	5	gradient_steps	4
207	5	policy_delay	2
208	5	tau	0.010432205400141973
209	5	activation_fn	"elu"
210	5	optimizer_class	"adamw"
211	5	layer_norm	true
212	5	net_arch	[128, 128, 128]
213	5	replay_ratio	0.5
214	5	hardware	"CPU Ryzen 9 (16 cores)"
215	5	hardware_shared	false
216	5	log	"/home/anna/.local/share/hpo/logs/replay-vm-19218.log"
217	5	host	"robot-1"
218	5	worker_pid	19218
219	5	git_commit	"5603a9514910b2e0c0adb2fd82f39defcdce67a5"
220	5	versions	{"python": "3.12.1", "hpo": "0.1.0", "optuna": "5.0.0", "cmaes": "0.13.1", "sbx-rl": "0.28.0", "stable-baselines3": "2.9.2", "jax": "0.11.2", "jaxlib": "0.11.2", "flax": "0.12.12", "optax": "0.2.8", "gymnasium": "1.4.0", "numpy": "2.5.5", "torch": "2.11.0", "isaaclab": "3.0.0", "newton": "1.6.1", "warp-lang": "1.17.0"}
221	5	mean_return	-1359.3697509765625
222	5	std_return	107.18855285644531
223	5	iqm_return	-1338.1844482421875
224	5	n_episodes	8
225	5	mean_episode_length	200.0
226	5	timeout_rate	1.0
227	5	success_rate	null
228	5	num_timesteps	2048
229	5	total_gradient_steps	620
230	5	steps_per_s	1020.3059283126306
231	5	gradient_steps_per_s	308.881677516519
232	5	startup_s	0.0011666319987853058
233	5	warmup_s	2.770863888996246
234	5	training_s	2.00724110599549
235	5	overshoot_s	0.007241105995490216
236	5	evaluation_s	0.16295561299921246
237	5	warmup_compilations	20
238	5	budget_compilations	0
239	5	device	"cpu"
240	5	curriculum_level	null
241	5	reached_s	null
242	5	diverged	false
243	5	learning_curve	[[0.5, 1072, null], [1.0, 1392, null], [1.51, 1784, -1097.503173828125], [2.01, 2048, -1097.503173828125], [2.01, 2048, -1097.503173828125]]
244	6	seed	24922511
245	6	buffer_size	100000
246	6	learning_starts	800
247	6	gamma	0.9850091427093647
248	6	learning_rate	0.0008892417494041674
249	6	ent_coef	"auto_0.05346980186522437"
250	6	batch_size	64
251	6	policy	"MlpPolicy"
252	6	train_freq	1
253	6	gradient_steps	4
254	6	policy_delay	2
255	6	tau	0.008364242605016387
256	6	activation_fn	"elu"
257	6	optimizer_class	"adamw"
258	6	layer_norm	true
259	6	net_arch	[256, 256]
260	6	replay_ratio	0.5
261	6	hardware	"CPU Ryzen 9 (16 cores)"
262	6	hardware_shared	false
263	6	log	"/home/anna/.local/share/hpo/logs/replay-vm-19218.log"
264	6	host	"robot-1"
265	6	worker_pid	19218
266	6	git_commit	"5603a9514910b2e0c0adb2fd82f39defcdce67a5"
267	6	versions	{"python": "3.12.1", "hpo": "0.1.0", "optuna": "5.0.0", "cmaes": "0.13.1", "sbx-rl": "0.28.0", "stable-baselines3": "2.9.2", "jax": "0.11.2", "jaxlib": "0.11.2", "flax": "0.12.12", "optax": "0.2.8", "gymnasium": "1.4.0", "numpy": "2.5.5", "torch": "2.11.0", "isaaclab": "3.0.0", "newton": "1.6.1", "warp-lang": "1.17.0"}
268	6	mean_return	-1487.0089111328125
269	6	std_return	48.41728591918945
270	6	iqm_return	-1496.460205078125
271	6	n_episodes	8
272	6	mean_episode_length	200.0
273	6	timeout_rate	1.0
274	6	success_rate	null
275	6	num_timesteps	2048
276	6	total_gradient_steps	620
277	6	steps_per_s	1018.1239460073458
278	6	gradient_steps_per_s	308.2211164670676
279	6	startup_s	0.0011165960022481158
280	6	warmup_s	1.8329371319996426
281	6	training_s	2.0115429049983504
282	6	overshoot_s	0.011542904998350423
283	6	evaluation_s	0.16686162800033344
284	6	warmup_compilations	7
285	6	budget_compilations	0
286	6	device	"cpu"
287	6	curriculum_level	null
288	6	reached_s	null
289	6	diverged	false
290	6	learning_curve	[[0.5, 1096, null], [1.02, 1424, null], [1.51, 1704, -1183.4881591796875], [2.01, 2048, -1183.4881591796875], [2.01, 2048, -1183.4881591796875]]
291	7	seed	997338914
292	7	buffer_size	100000
293	7	learning_starts	800
294	7	gamma	0.9904103200621291
295	7	learning_rate	0.0008842521362280758
296	7	ent_coef	"auto_0.22528571055462016"
297	7	batch_size	128
298	7	policy	"MlpPolicy"
299	7	train_freq	1
300	7	gradient_steps	4
301	7	policy_delay	2
302	7	tau	0.010432205400141973
303	7	activation_fn	"elu"
304	7	optimizer_class	"adamw"
305	7	layer_norm	true
306	7	net_arch	[128, 128, 128]
307	7	replay_ratio	0.5
308	7	hardware	"CPU Ryzen 9 (16 cores)"
309	7	hardware_shared	false
310	7	log	"/home/anna/.local/share/hpo/logs/replay-vm-19218.log"
311	7	host	"robot-1"
312	7	worker_pid	19218
313	7	git_commit	"5603a9514910b2e0c0adb2fd82f39defcdce67a5"
314	7	versions	{"python": "3.12.1", "hpo": "0.1.0", "optuna": "5.0.0", "cmaes": "0.13.1", "sbx-rl": "0.28.0", "stable-baselines3": "2.9.2", "jax": "0.11.2", "jaxlib": "0.11.2", "flax": "0.12.12", "optax": "0.2.8", "gymnasium": "1.4.0", "numpy": "2.5.5", "torch": "2.11.0", "isaaclab": "3.0.0", "newton": "1.6.1", "warp-lang": "1.17.0"}
315	7	mean_return	-1080.4205322265625
316	7	std_return	40.07460403442383
317	7	iqm_return	-1071.8447265625
318	7	n_episodes	8
319	7	mean_episode_length	200.0
320	7	timeout_rate	1.0
321	7	success_rate	null
322	7	num_timesteps	2112
323	7	total_gradient_steps	652
324	7	steps_per_s	1055.7720952280915
325	7	gradient_steps_per_s	325.92964303442983
326	7	startup_s	0.001157127997430507
327	7	warmup_s	0.05163294799422147
328	7	training_s	2.0004317310012993
329	7	overshoot_s	0.0004317310012993403
330	7	evaluation_s	0.08570697200048016
331	7	warmup_compilations	0
332	7	budget_compilations	0
333	7	device	"cpu"
334	7	curriculum_level	null
335	7	reached_s	null
336	7	diverged	false
337	7	learning_curve	[[0.5, 1064, null], [1.0, 1320, null], [1.51, 1696, -1266.7978515625], [2.0, 2112, -1266.7978515625], [2.0, 2112, -1266.7978515625]]
338	8	seed	997338914
339	8	buffer_size	100000
340	8	learning_starts	800
341	8	gamma	0.9850091427093647
342	8	learning_rate	0.0008892417494041674
343	8	ent_coef	"auto_0.05346980186522437"
344	8	batch_size	64
345	8	policy	"MlpPolicy"
346	8	train_freq	1
347	8	gradient_steps	4
348	8	policy_delay	2
349	8	tau	0.008364242605016387
350	8	activation_fn	"elu"
351	8	optimizer_class	"adamw"
352	8	layer_norm	true
353	8	net_arch	[256, 256]
354	8	replay_ratio	0.5
355	8	hardware	"CPU Ryzen 9 (16 cores)"
356	8	hardware_shared	false
357	8	log	"/home/anna/.local/share/hpo/logs/replay-vm-19218.log"
358	8	host	"robot-1"
359	8	worker_pid	19218
360	8	git_commit	"5603a9514910b2e0c0adb2fd82f39defcdce67a5"
361	8	versions	{"python": "3.12.1", "hpo": "0.1.0", "optuna": "5.0.0", "cmaes": "0.13.1", "sbx-rl": "0.28.0", "stable-baselines3": "2.9.2", "jax": "0.11.2", "jaxlib": "0.11.2", "flax": "0.12.12", "optax": "0.2.8", "gymnasium": "1.4.0", "numpy": "2.5.5", "torch": "2.11.0", "isaaclab": "3.0.0", "newton": "1.6.1", "warp-lang": "1.17.0"}
362	8	mean_return	-1034.448486328125
363	8	std_return	62.1307258605957
364	8	iqm_return	-1030.753173828125
365	8	n_episodes	8
366	8	mean_episode_length	200.0
367	8	timeout_rate	1.0
368	8	success_rate	null
369	8	num_timesteps	2408
370	8	total_gradient_steps	800
371	8	steps_per_s	1198.31099459034
372	8	gradient_steps_per_s	398.1099649801794
373	8	startup_s	0.0011678139999276027
374	8	warmup_s	0.06813815100031206
375	8	training_s	2.0094950399943627
376	8	overshoot_s	0.009495039994362742
377	8	evaluation_s	0.12683658899914008
378	8	warmup_compilations	0
379	8	budget_compilations	0
380	8	device	"cpu"
381	8	curriculum_level	null
382	8	reached_s	null
383	8	diverged	false
384	8	learning_curve	[[0.5, 1136, null], [1.0, 1576, null], [1.51, 2072, -1368.398193359375], [2.01, 2408, -1368.398193359375], [2.01, 2408, -1368.398193359375]]
\.
COPY trial_system_attributes FROM stdin;
1	1	hpo:cmaes:draw	[[0.6291844180187578, 0.676366823061015, 0.770516003106458, 0.5274216533952658, 0.46945486296242755, 0.4417128608741929, 0.5506376723687683, 0.5994079511208333, 0.3945297890289979], [1.0, 0.676366823061015, 0.770516003106458, 1.0, 0.46945486296242755, 0.0, 0.5, 0.5994079511208333, 0.0]]
2	2	hpo:cmaes:draw	[[0.23134006789676498, 0.6064092082865026, 0.44709106812252253, 0.6710848336534359, 0.5733580644119034, 0.5290165884783277, 0.8470641609310252, 0.38244670386118496, 0.3392485138533619], [0.0, 0.6064092082865026, 0.44709106812252253, 1.0, 0.5733580644119034, 1.0, 1.0, 0.38244670386118496, 0.0]]
3	3	hpo:cmaes:draw	[[0.271679322834031, 0.6124103171478862, 0.7821290627828322, 0.17613023852947807, 0.5297020329224135, 0.6457720131946468, 0.7603193594224569, 0.4270310511985849, 0.2559072967904542], [0.0, 0.6124103171478862, 0.7821290627828322, 0.0, 0.5297020329224135, 1.0, 1.0, 0.4270310511985849, 0.0]]
4	4	hpo:cmaes:draw	[[0.41715319959209085, 0.3640542874027122, 0.5004571354682348, 0.5315351456099021, 0.4718985896696537, 0.689853780161008, 0.4778934809084575, 0.5429328467800436, 0.3287855647864566], [0.0, 0.3640542874027122, 0.5004571354682348, 1.0, 0.4718985896696537, 1.0, 0.5, 0.5429328467800436, 0.0]]
\.
COPY trial_params FROM stdin;
1	1	gamma	0.9904103200621291	{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.975, "high": 0.995, "log": false}}
2	1	learning_rate	0.0008842521362280758	{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0003, "high": 0.003, "log": true}}
3	1	ent_coef_init	0.22528571055462016	{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 1.0, "log": true}}
4	1	batch_size_pow	7	{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 6, "high": 7}}
5	1	net_arch_complexity	0	{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 0, "high": 1}}
6	1	train_freq_pow	0	{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 0, "high": 1}}
7	1	gradient_steps_pow	2	{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 2}}
8	1	policy_delay_pow	1	{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 0, "high": 2}}
9	1	tau	0.010432205400141973	{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 0.05, "log": true}}
10	2	gamma	0.9839418213624505	{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.975, "high": 0.995, "log": false}}
11	2	learning_rate	0.0011232574794868447	{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0003, "high": 0.003, "log": true}}
12	2	ent_coef_init	0.16323692931570524	{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 1.0, "log": true}}
13	2	batch_size_pow	6	{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 6, "high": 7}}
14	2	net_arch_complexity	1	{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 0, "high": 1}}
15	2	train_freq_pow	0	{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 0, "high": 1}}
16	2	gradient_steps_pow	2	{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 2}}
17	2	policy_delay_pow	2	{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 0, "high": 2}}
18	2	tau	0.004464424451834422	{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 0.05, "log": true}}
19	3	gamma	0.9906425812556566	{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.975, "high": 0.995, "log": false}}
20	3	learning_rate	0.0010158352702293455	{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0003, "high": 0.003, "log": true}}
21	3	ent_coef_init	0.16781108071698522	{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 1.0, "log": true}}
22	3	batch_size_pow	6	{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 6, "high": 7}}
23	3	net_arch_complexity	1	{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 0, "high": 1}}
24	3	train_freq_pow	0	{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 0, "high": 1}}
25	3	gradient_steps_pow	1	{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 2}}
26	3	policy_delay_pow	2	{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 0, "high": 2}}
27	3	tau	0.005315118443581354	{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 0.05, "log": true}}
28	4	gamma	0.9850091427093647	{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.975, "high": 0.995, "log": false}}
29	4	learning_rate	0.0008892417494041674	{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0003, "high": 0.003, "log": true}}
30	4	ent_coef_init	0.05346980186522437	{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 1.0, "log": true}}
31	4	batch_size_pow	6	{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 6, "high": 7}}
32	4	net_arch_complexity	1	{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 0, "high": 1}}
33	4	train_freq_pow	0	{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 0, "high": 1}}
34	4	gradient_steps_pow	2	{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 2}}
35	4	policy_delay_pow	1	{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 0, "high": 2}}
36	4	tau	0.008364242605016387	{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 0.05, "log": true}}
\.
COPY trial_values FROM stdin;
1	1	0	-1276.988037109375	FINITE
2	2	0	-1546.14404296875	FINITE
3	3	0	-1538.2216796875	FINITE
4	4	0	-1486.957275390625	FINITE
5	5	0	-1359.3697509765625	FINITE
6	6	0	-1487.0089111328125	FINITE
7	7	0	-1080.4205322265625	FINITE
8	8	0	-1034.448486328125	FINITE
\.
COPY trial_intermediate_values FROM stdin;
1	1	2	-1415.5826416015625	FINITE
2	2	2	-1192.77099609375	FINITE
3	3	1	-1025.3623046875	FINITE
4	3	2	-1025.3623046875	FINITE
5	4	2	-1173.0552978515625	FINITE
6	5	2	-1097.503173828125	FINITE
7	6	2	-1183.4881591796875	FINITE
8	7	2	-1266.7978515625	FINITE
9	8	2	-1368.398193359375	FINITE
\.
COPY alembic_version FROM stdin;
v3.2.0.a
\.
