* A read-out of one's own for spec.toml. The first line is a title, as in every deck.
* Two-stage op-amp with its feedback resistor: V(result) = V(ref) - 20k times the current into `sum`.
.subckt two_stage sum result ref bias vdd
* bias: 5 uA into `bias`
mb1 bias bias 0 0 nch w=2u l=0.2u
mb2 pb bias 0 0 nch w=2u l=0.2u
mb3 pb pb vdd vdd pch w=4u l=0.2u
* PMOS pair with NMOS mirror, 10 uA a side
mt tail pb vdd vdd pch w=4u l=0.2u m=4
m1 n1 sum tail vdd pch w=8u l=0.1u m=2
m2 v1 ref tail vdd pch w=8u l=0.1u m=2
m3 n1 n1 0 0 nch w=2u l=0.2u m=2
m4 v1 n1 0 0 nch w=2u l=0.2u m=2
* class-A output, 60 uA
mo result v1 0 0 nch w=2u l=0.2u m=12
mp result pb vdd vdd pch w=4u l=0.2u m=12
rz v1 z 1.6k
cc z result 150f
rf sum result 20k
cf sum result 40f
.ends two_stage
